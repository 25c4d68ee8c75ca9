"""What `idmaj explain` prints: every term, with its value, its evidence and where it acts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from english_words import english
from typer.testing import CliRunner

from idmaj.app import cli, explain
from idmaj.app.cli_explain import GROUPS
from idmaj.app.wording import label
from idmaj.calibration.figures import load_figures
from idmaj.scenarios.labels import strategy as called
from idmaj.scenarios.language import LANGUAGES, speak, speaking
from idmaj.scenarios.strategies import catalogue, load
from idmaj.sim import NUMBERS, OUTCOMES, UserError
from idmaj.sim.settings import LEVERS

KEYS = {"term", "kind", "of", "meaning", "unit", "value", "low", "high", "shape", "basis", "evidence", "acts"}
RUNNER = CliRunner()


def run(*arguments: str) -> str:
    result = RUNNER.invoke(cli.build(), ["explain", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def said_in(code: str, *arguments: str) -> str:
    """Return what is printed in a language."""
    result = RUNNER.invoke(cli.build(), ["--lang", code, "explain", *arguments])
    speak("en")
    assert result.exit_code == 0, result.output
    return result.stdout


def shown(*arguments: str) -> list[dict[str, Any]]:
    found = json.loads(run(*arguments, "--json"))
    assert isinstance(found, list)
    return found


def plain(text: str) -> str:
    return " ".join(text.split())


def test_a_parameter_has_prior_fit_evidence_and_place() -> None:
    (said,) = shown("failure_level")
    assert set(said) >= KEYS
    number = NUMBERS["failure_level"]
    assert (said["value"], said["low"], said["high"], said["shape"]) == (
        number.median,
        number.low,
        number.high,
        "lognormal",
    )
    assert said["low"] < said["fitted"]["low"] < said["fitted"]["mean"] < said["fitted"]["high"] < said["high"]
    assert said["fitted"]["label"] in ("weak", "data-informed")
    s001 = load_figures().set_index("id").loc["S001"]
    first = said["evidence"][0]
    assert (first["id"], first["value"], first["unit"]) == ("S001", s001["value"], s001["unit"])
    assert (first["year"], first["source"], first["grade"]) == (s001["period"], s001["source_title"], s001["grade"])
    assert [(act["function"], act["reads"], act["writes"]) for act in said["acts"]] == [
        ("cumulative_hazard", True, False)
    ]
    text = plain(run("failure_level"))
    parts = ("per year", "0.12, 90 % interval 0.05 to 0.29 (lognormal prior)", "S001", "grade A", "cumulative_hazard")
    assert all(part in text for part in parts)


def test_a_parameter_of_judgement_says_so() -> None:
    assert "judgement: nobody has published a figure" in run("patience_months")
    assert "nobody has published" not in run("excess_file_closed_share")


def test_a_table_of_evidence_is_described() -> None:
    (said,) = shown("departure_yemeni")
    (table,) = said["evidence"]
    assert (table["id"], table["unit"], table["grade"]) == ("unhcr_morocco_by_origin.csv", "people", "A")


def test_a_drawn_category_has_the_share_of_each_word() -> None:
    (said,) = shown("hazard_family")
    assert said["value"] == "weibull"
    assert sum(said["fitted"]["shares"].values()) == pytest.approx(1)


def test_a_lever_has_default_range_and_value_of_today() -> None:
    (said,) = shown("intake_projects_per_year")
    assert shown("intake.projects_per_year") == [said]
    assert (said["value"], said["default"], said["low"], said["high"]) == (88, 0, 0, 1e6)
    assert said["basis"].startswith("continued, since 2026-01")
    assert "P030" in {figure["id"] for figure in said["evidence"]}
    text = plain(run("selection.rule"))
    assert "default as_before" in text
    assert "accepted one of" in text
    (budget,) = shown("funding_budget_mad_per_year")
    assert (budget["default"], budget["high"]) == ("inf", None)
    (seekers,) = shown("eligibility.asylum_seekers")
    assert seekers["default"] is False


def test_a_term_of_several_meanings_prints_each() -> None:
    text = run("need")
    parts = ("column of Person", "column of Business", "word of Admission", "rule, sim/rules/need.py")
    assert all(part in text for part in parts)
    assert len(shown("need")) == 4
    assert len(shown("business.need")) == 1


def test_a_rule_cites_its_evidence() -> None:
    (said,) = (each for each in shown("traits") if each["kind"] == "rule")
    assert said["basis"].startswith("Because of S017")
    assert {"S017", "S029"} <= {figure["id"] for figure in said["evidence"]}


def test_a_column_lists_its_words_and_a_word_its_columns() -> None:
    (column,) = (each for each in shown("ending") if each["kind"] == "column")
    assert {"open", "failed"} <= set(column["words"])
    assert "in Business.ending" in plain(run("took_job"))


def test_a_strategy_says_why() -> None:
    (said,) = shown("neediest_first")
    assert (said["kind"], said["value"]) == ("strategy", "extends continued")
    assert plain("strategies show neediest_first") in plain(run("neediest_first"))


def test_all_terms_of_a_kind_are_listed_with_their_meaning() -> None:
    text = run("outcomes")
    assert all(f"{name} ({item.unit}): {item.meaning}\n" in text for name, item in OUTCOMES.items())
    assert {said["term"] for said in shown("levers")} == set(LEVERS)
    assert [said["term"] for said in shown("Strategies")] == list(catalogue())


def test_an_outcome_is_found_by_the_words_that_people_read_and_its_meaning_comes_first() -> None:
    text = run("Live businesses")
    assert text.startswith(f"live_businesses: {OUTCOMES['live_businesses'].meaning}\n")
    assert [said["of"] for said in shown("live businesses")] == ["plan", "Month"]
    (said,) = shown("cost per net livelihood year")
    assert said["term"] == "cost_per_net_job"


@pytest.mark.parametrize(
    ("code", "asked", "found"),
    [
        ("fr", "épargne", "saving"),
        ("fr", "part d'excédent", "saving"),
        ("fr", "perdus de vue", "active_share"),
        ("fr", "entreprises", "live_businesses"),
        ("ar", "التعاونية", "cooperative_reserve"),
        ("en", "savings", "purse"),
    ],
)
def test_terms_that_speak_of_a_word_are_listed(code: str, asked: str, found: str) -> None:
    """For those who read French or Arabic, and do not know how the model spells a thing."""
    head, *listed = said_in(code, asked).strip().splitlines()
    assert asked in head and any(line.startswith(f"{found} ") for line in listed)
    assert 1 < len(listed) < 60
    with pytest.raises(SystemExit):
        cli.main(["explain", asked, "--json"])  # programs ask by name


@pytest.mark.parametrize("asked", ["a", "d", "\u0627\u0644", "", "  ", "?!"])
def test_what_too_many_terms_speak_of_is_not_searched_for(asked: str) -> None:
    for code in LANGUAGES:
        with pytest.raises(SystemExit) as end:
            cli.main(["--lang", code, "explain", asked])
        assert end.value.code == 2
    speak("en")


def test_a_spelling_comes_before_a_name_that_is_shown() -> None:
    """The share that the partner's part of a month is: a column; and an outcome whose words are the same."""
    assert [(said["term"], said["of"]) for said in shown("partner.weight")] == [("weight", "Partner")]
    assert {said["kind"] for said in shown("cooperatives")} == {"column", "strategy"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_strategy_and_an_outcome_are_found_by_their_names_in_every_language(code: str) -> None:
    with speaking(code):
        names = {name: called(load(name).name) for name in catalogue()}
        words = label("live_businesses")
    for name, asked in names.items():
        assert json.loads(said_in(code, asked, "--json"))[0]["term"] == name
    assert json.loads(said_in(code, words.upper(), "--json"))[0]["term"] == "live_businesses"


def test_without_a_term_all_are_listed_by_group() -> None:
    text = plain(run())
    names = [*NUMBERS, *OUTCOMES, *catalogue(), *(key.replace("_", ".", 1) for key in LEVERS)]
    assert [name for name in names if f" {name}" not in text] == []
    assert "Words of Ending" in text and "Columns of Business" in text


def test_every_term_can_be_shown() -> None:
    for term, said in zip(explain.all_terms(), shown(), strict=True):
        assert set(said) >= KEYS
        assert said["term"] == term.name and said["kind"] in GROUPS
        if term.kind in ("parameter", "lever"):
            assert said["value"] is not None and said["basis"] and said["acts"], term.name
        assert said["meaning"] in json.dumps(said, ensure_ascii=False) and said["meaning"]


@pytest.mark.parametrize("kind", sorted(GROUPS))
def test_every_kind_is_printed(kind: str) -> None:
    """Print all terms of each kind."""
    from idmaj.app.cli_explain import _show

    some = [term for term in explain.all_terms() if term.kind == kind]
    assert some
    for term in some:
        _show(term, explain.entry(term))


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize(
    "term",
    [
        *("live_businesses", "training.seats", "failure_level", "patience_months", "hazard_family", "overhead"),
        *("neediest_first", "took_job", "need", "Business", "outcomes", "levers", "parameters", "strategies", ""),
    ],
)
def test_it_speaks_the_readers_language(code: str, term: str) -> None:
    asked = (term,) if term else ()
    text = plain(said_in(code, *asked))
    assert [part for part in english() if part in text] == []
    assert text != plain(run(*asked))


def test_names_stay_and_numbers_are_written_as_the_reader_does() -> None:
    here = plain(run("parameters"))
    assert sum(part in here for part in english()) > 15, "the search finds English where it is"
    text = said_in("fr", "failure_level")
    assert "0,12, intervalle à 90\u202f% de 0,05 à 0,29" in text and "sim/rules/hazard.py cumulative_hazard" in text
    assert "training.seats" in said_in("ar", "training.seats") and "training_seats" in said_in("ar", "training.seats")
    for term in ("failure_level", "training.seats", "neediest_first", "live_businesses"):
        there = json.loads(said_in("ar", term, "--json"))
        for here, other in zip(shown(term), there, strict=True):
            assert here.keys() == other.keys()
            worded = {key for key in here if here[key] != other[key]}
            assert worded <= {"meaning", "basis", "accepted", "value"} and "meaning" in worded
            assert here["value"] == other["value"] or here["kind"] == "strategy"


def test_every_citation_is_in_the_evidence() -> None:
    known = set(load_figures()["id"])
    assert [
        (name, id) for name, number in NUMBERS.items() for id in explain.cited([number.basis]) if id not in known
    ] == []


def test_a_fit_of_another_version_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise UserError("columns differ")

    monkeypatch.setattr(explain, "load_draws", refuse)
    explain.sources.cache_clear()
    try:
        assert [said["fitted"] for said in shown("failure_level")] == [None]
    finally:
        explain.sources.cache_clear()


def test_an_unknown_term_is_the_users_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--json"]):
        with pytest.raises(SystemExit) as end:
            cli.main(["explain", "failure_levle", *more])
        said = capsys.readouterr()
        assert (end.value.code, said.out) == (2, "")
        assert said.err.startswith("TERM: found 'failure_levle'")
        assert "'failure_level', '" in said.err


def test_nothing_is_compiled_and_nothing_is_coloured_in_a_pipe() -> None:
    code = (
        "import sys; from idmaj.app import cli\n"
        "try: cli.main(['explain', 'failure_level'])\n"
        "finally: print({'numba', 'mesa', 'matplotlib'} & set(sys.modules))"
    )
    env = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.endswith("set()\n")
    assert "\x1b" not in done.stdout
