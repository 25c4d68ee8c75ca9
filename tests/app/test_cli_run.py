"""The commands that run strategies: one contract for people and programs, and no traceback for a slip."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from idmaj.app import cli, cli_run, saying, wording
from idmaj.scenarios import at_home, experiment, studies
from idmaj.sim import OUTCOMES, default_params
from idmaj.sim.outcomes import HEADLINE, RATIOS

RUNNER = CliRunner()
SMALL = ("--years", "1", "--draws", "2", "--replications", "2", "--start", "2018-01")
ROW = {
    "outcome", "unit", "strategy", "baseline", "mean", "difference", "low", "high", "chance_above_zero", "pairs",
    "baseline_mean", "luck_share", "interval",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, on parameters that need no fit."""

    def draws(number: int, folder=None):
        table = default_params(number)
        table["failure_level"] *= np.linspace(0.7, 1.4, number)
        return table

    monkeypatch.setattr(experiment, "load_draws", draws)
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path.with_name("home")))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def run(*arguments: str) -> str:
    """Run a command that succeeds; return what it printed."""
    result = RUNNER.invoke(cli.build(), list(arguments))
    assert result.exit_code == 0, (result.output, result.exception)
    assert result.stderr == ""
    return result.stdout


def fails(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    """Run a command through the error boundary; return standard error. Nothing else may be left."""
    capsys.readouterr()
    before = sorted(Path().rglob("*"))
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    said = capsys.readouterr()
    assert end.value.code == code, said
    assert sorted(Path().rglob("*")) == before
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> dict:
    """Return the JSON of one comparison of three strategies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "load_draws", lambda number, folder=None: default_params(number))
        patch.setenv("IDMAJ_STUDIES", str(tmp_path_factory.mktemp("home")))
        return json.loads(run("compare", "continued", "neediest_first", "case_by_case", *SMALL, "--json"))


def test_compare_prints_one_object_with_the_promised_keys(compared):
    assert {"study", "fingerprint", "cannot_tell", "rows"} <= compared.keys()
    assert "continued-vs-neediest_first" in compared["study"]
    assert len(compared["fingerprint"]) == 64
    assert all(isinstance(sentence, str) for sentence in compared["cannot_tell"])
    assert all(row.keys() >= ROW for row in compared["rows"])
    assert {row["strategy"] for row in compared["rows"]} == {"neediest_first", "case_by_case"}
    assert {row["baseline"] for row in compared["rows"]} == {"continued"}
    assert [row["outcome"] for row in compared["rows"][::2]] == list(OUTCOMES)
    assert all(row["unit"] == OUTCOMES[row["outcome"]].unit for row in compared["rows"])


def test_what_is_missing_is_null(compared):
    youngest = [row for row in compared["rows"] if row["outcome"] == "survival_3y"]
    assert youngest[0]["pairs"] == 0
    assert youngest[0]["difference"] is None


def test_the_table_and_the_json_say_the_same_numbers(tmp_path):
    arguments = ("continued", "neediest_first", *SMALL)
    rows = json.loads(run("compare", *arguments, "--json"))["rows"]
    text = run("compare", *arguments)
    lines = [line for line in text.splitlines() if "(" in line]
    assert {row["outcome"] for row in rows} == set(OUTCOMES)
    for row in [row for row in rows if row["outcome"] in HEADLINE]:
        line = next(line for line in lines if line.strip().startswith(wording.label(row["outcome"]) + " ("))
        numbers = [math.nan if row[name] is None else row[name] for name in ("difference", "low", "high")]
        difference, low, high = wording.interval(numbers, row["unit"], sign=True)
        assert f" {difference} " in line
        assert wording.span(low, high) in line
        mean = math.nan if row["mean"] is None else row["mean"]
        assert f" {wording.level(mean, row['unit'])} " in line


def test_compare_says_what_common_luck_saved_and_what_cannot_be_told():
    text = run("compare", "continued", "neediest_first", *SMALL)
    assert "Shared luck: all strategies meet the same people and the same luck. " in text
    assert "What the data cannot tell: " in text
    assert "Costs rest mostly on judgement" in text
    alone = run("compare", "continued", "neediest_first", *SMALL, "--replications", "1")
    assert "not available with one replication" in alone


def test_a_table_says_when_why_and_how_it_is_read():
    text = run("compare", "continued", "neediest_first", *SMALL)
    assert "The neediest first, against Today's strategy continued (January 2018 to December 2018, 4 runs)" in text
    assert "Recommendation of the 2017 evaluation" in text
    assert "Draws above 0: in how many of the 2 draws the mean difference is above 0." in text
    assert "5-95 % of draws: the middle 90 % of the draws' means" in text
    assert "95 % intervals: t over draws" in text
    assert "Spent (MAD 2016) \u2193" in text and "\u2193 less is better." in text
    assert text.index("Report, with all") < text.index("Shared luck")
    alone = run("run", "historical", "--draws", "1", "--replications", "1", "--seed", "4")
    assert "As it was (January 2007 to December 2025, 1 run)" in alone


def test_cost_per_something_is_a_ratio_of_the_means_beside_it(compared):
    rows = {(row["outcome"], row["strategy"]): row for row in compared["rows"]}
    for cost, parts in RATIOS.items():
        for strategy in ("neediest_first", "case_by_case"):
            spent, bought = (rows[part, strategy] for part in parts)
            for which in ("mean", "baseline_mean"):
                assert rows[cost, strategy][which] == pytest.approx(spent[which] / bought[which])


def test_a_strategy_that_changes_nothing_differs_in_nothing():
    Path("twin.toml").write_text('name = "Twin"\nextends = "continued"\nwhy = "none"\n', encoding="utf-8")
    rows = json.loads(run("compare", "continued", "twin.toml", *SMALL, "--json"))["rows"]
    known = [row for row in rows if row["pairs"]]
    assert len(known) > 10
    for row in known:
        assert (row["difference"], row["low"], row["high"], row["chance_above_zero"]) == (0, 0, 0, 0)


def test_run_prints_the_share_at_the_evaluation_as_active_share():
    found = json.loads(run("run", "continued", *SMALL, "--json"))
    rows = {row["outcome"]: row for row in found["rows"]}
    assert all({"outcome", "unit", "strategy", "mean", "low", "high", "runs"} <= row.keys() for row in found["rows"])
    assert 0.2 < rows["active_share"]["mean"] < 0.9
    assert rows["active_share"]["runs"] == 4
    assert rows["active_share_end"]["mean"] != rows["active_share"]["mean"]
    early = json.loads(run("run", "continued", "--start", "2010-01", "--years", "1", "--draws", "1", "--json"))
    assert "active_share" not in {row["outcome"] for row in early["rows"]}


def test_run_historical_replays_2007_to_2025(monkeypatch):
    plans = []
    real = studies.create

    def create(folder, plan, *more, **how):
        plans.append(plan)
        return real(folder, plan, *more, **how)

    monkeypatch.setattr(at_home, "create", create)
    text = run("run", "historical", "--draws", "1", "--replications", "1")
    assert (plans[0].start, plans[0].months) == (0, 228)
    assert "the evaluation of May 2017 finds" in text
    assert "published figure is 53.7 %" in text
    assert "Imposed on the past" in text
    assert "Predicted" in text


def test_tour_writes_a_folder_and_says_where(tmp_path):
    text = run("tour", "--draws", "1", "--replications", "2", "--years", "1")
    assert "In the simulated past, the evaluation of May 2017 finds" in text
    assert str(Path("idmaj-tour") / "report.html") in text
    assert {path.name for path in Path().iterdir()} == {"idmaj-tour"}
    study = json.loads(Path("idmaj-tour/study.json").read_text(encoding="utf-8"))
    assert study["strategies"] == list(cli_run.TOUR)
    assert study["command"] == "idmaj tour --start 2026-01 --years 1 --draws 1 --replications 2 --seed 1"
    assert study["complete"] is True


def test_where_it_goes_and_how_many_work_change_no_number():
    about = []
    for folder, workers in (("a", "1"), ("b", "3")):
        run("compare", "continued", "case_by_case", *SMALL, "--out", folder, "--workers", workers)
        study = json.loads(Path(folder, "study.json").read_text(encoding="utf-8"))
        about.append((study["fingerprint"], study["results_sha256"], study["command"]))
        assert "--out" not in study["command"]
    assert about[0] == about[1]
    assert Path("a/report.html").read_bytes() == Path("b/report.html").read_bytes()


EQUAL = (
    "Every strategy may spend at most the same each year (3,600,000 MAD of 2016), and what a lever costs is taken from "
    "it; what the baseline leaves unspent, another may use: see Spent."
)
MORE = "What a strategy's staff and services cost more than the baseline's comes on top of the budget."


def test_an_additional_budget_is_said_everywhere_and_is_another_study():
    arguments = ("compare", "continued", "all_together", *SMALL)
    equal = run(*arguments, "--out", "equal")
    more = run(*arguments, "--budget", "additional", "--out", "more")
    assert EQUAL in equal
    assert MORE in more
    studies = [json.loads(Path(name, "study.json").read_text(encoding="utf-8")) for name in ("equal", "more")]
    assert [study["budget"] for study in studies] == ["equal", "additional"]
    assert "--budget" not in studies[0]["command"]
    assert studies[1]["command"] == studies[0]["command"] + " --budget additional"
    assert studies[0]["fingerprint"] != studies[1]["fingerprint"]
    assert studies[0]["results_sha256"] != studies[1]["results_sha256"]
    reports = [Path(name, "report.html").read_text(encoding="utf-8") for name in ("equal", "more")]
    assert EQUAL in reports[0]
    assert MORE.replace("'", "&#39;") in reports[1]
    said = json.loads(run(*arguments, "--json"))
    assert (said["budget"], said["fingerprint"]) == ("equal", studies[0]["fingerprint"])


def test_one_strategy_alone_has_nothing_on_top(capsys):
    said = fails(capsys, "run", "all_together", *SMALL, "--budget", "additional")
    assert "found 'additional' with one strategy, accepted 'equal'" in said
    assert "What a lever costs is taken from the yearly budget." in run("run", "all_together", *SMALL)
    assert "No budget limits what is spent." in run("run", "historical", *SMALL)


def test_strategies_with_budgets_of_their_own_say_so():
    text = 'name = "Half"\nextends = "continued"\nwhy = "less"\n[funding]\nbudget_mad_per_year = 1800000\n'
    Path("half.toml").write_text(text, encoding="utf-8")
    assert "Each strategy has a yearly budget of its own" in run("compare", "continued", "half.toml", *SMALL)


def test_the_folder_is_named_in_the_json():
    found = json.loads(run("compare", "continued", "case_by_case", *SMALL, "--out", "here", "--json"))
    assert found["study"] == "here"
    assert Path("here/report.html").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--draws", "0"), ("--draws", "found 0", "from 1")),
        (("--draws", "-3"), ("--draws", "found -3")),
        (("--replications", "0"), ("--replications", "found 0")),
        (("--years", "0"), ("--years", "found 0", "1 to 40")),
        (("--years", "41"), ("--years", "found 41")),
        (("--years", "ten"), ("--years", "found 'ten'", "a whole number")),
        (("--seed", "x"), ("--seed", "found 'x'", "a whole number")),
        (("--seed", "-1"), ("--seed", "found -1")),
        (("--seed", "4294967296"), ("--seed", "4294967295")),
        (("--workers", "0"), ("--workers", "found 0")),
        (("--budget", "more"), ("--budget", "found 'more'", "accepted equal or additional")),
        (("--start", "2006-12"), ("--start", "2006-12", "2007-01")),
        (("--start", "soon"), ("--start", "soon", "YYYY-MM")),
        (("--out", "taken"), ("--out", "taken", "not empty", "--force")),
        (("--out", "file"), ("--out", "found a file")),
    ],
)
def test_a_slip_is_explained_and_nothing_runs(capsys, monkeypatch, options, words):
    Path("taken").mkdir()
    Path("taken/thesis.txt").write_text("x", encoding="utf-8")
    Path("file").write_text("x", encoding="utf-8")
    monkeypatch.setattr(studies, "simulate", lambda *_: pytest.fail("the model ran"))
    said = fails(capsys, "compare", "continued", "neediest_first", *SMALL, *options)
    assert all(word in said for word in words), said


def test_an_unknown_strategy_names_the_nearest(capsys):
    assert "neediest_first" in fails(capsys, "compare", "continued", "neediest_frist", *SMALL)


def test_a_strategy_compared_with_itself_is_a_slip(capsys):
    assert "'continued' twice" in fails(capsys, "compare", "continued", "continued", *SMALL)


def test_a_tour_is_not_repeated_over_another(capsys, monkeypatch):
    Path("idmaj-tour").mkdir()
    Path("idmaj-tour/report.html").write_text("the first", encoding="utf-8")
    assert "--force" in fails(capsys, "tour", "--draws", "1")
    assert Path("idmaj-tour/report.html").read_text(encoding="utf-8") == "the first"


def test_an_interruption_leaves_nothing(capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(studies, "simulate", interrupted)
    said = fails(capsys, "compare", "continued", "neediest_first", *SMALL, "--out", "here", code=cli.INTERRUPTED)
    assert "no study was begun; the same command begins again" in said


def test_an_interruption_while_all_is_prepared_says_that_nothing_was_begun(capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(at_home, "prepare", interrupted)
    said = fails(capsys, "compare", "continued", "neediest_first", *SMALL, code=cli.INTERRUPTED)
    assert "no study was begun; the same command begins again" in said


def test_a_study_that_is_there_is_said_to_be_there(capsys):
    words = ("compare", "continued", "neediest_first", *SMALL)
    run(*words, "--out", "here")
    again = fails(capsys, *words, "--out", "here")
    for part in ("this very study is there and complete", "report.html", "study show", "study extend", "--force"):
        assert part in again
    assert "found another study (continued, neediest_first)" in fails(capsys, *words, "--seed", "9", "--out", "here")
    run(*words)
    assert run(*words).startswith("All 4 runs are there already: ")


def test_a_table_given_for_a_strategy_is_said_to_be_one(capsys):
    Path("register.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    said = fails(capsys, "compare", "continued", "register.csv", *SMALL)
    assert "register.csv: found a table, not a strategy, accepted a strategy file (.toml)" in said


@pytest.mark.parametrize("width", [80, 110, 160])
def test_the_table_fits_the_terminal(monkeypatch, width):
    from rich.console import Console

    monkeypatch.setattr(saying, "console", lambda: Console(width=width, markup=False))
    text = run("compare", "continued", "neediest_first", *SMALL)
    assert ("Not shown for want of width: " in text) == (width < 124)
    lines = text.splitlines()
    table = lines[next(i for i, line in enumerate(lines) if "Outcome" in line and "Difference" in line) :]
    table = table[: next(i for i, line in enumerate(table) if line[:1].strip())]
    assert all(len(line) <= width for line in table)
    assert not any("…" in line for line in table)
    assert any("Live businesses" in line for line in table)
    assert any("5-95 % of draws" in line for line in table) == (width == 160)
