"""The command `validate` and its page, on small efforts."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from english_words import english

from idmaj.app import validation_report
from idmaj.app import validation_saying as saying
from idmaj.app.cli import main
from idmaj.app.validation_report import render
from idmaj.app.validation_words import RANKED
from idmaj.calibration import register_checks, validation
from idmaj.calibration import skill as skills
from idmaj.calibration.examples import synthetic_cohorts, table_text
from idmaj.calibration.foretell import FAMILIES
from idmaj.calibration.schemas import COHORTS
from idmaj.calibration.synthetic import Defects, Truth
from idmaj.scenarios.language import LANGUAGES, speaking

OTHERS = [code for code in LANGUAGES if code != "en"]
ALIKE = {"Delta", "Score", "p"}
"""Heads that French, or Arabic, writes as English does."""
TINY = validation.Effort(500, 90, register_checks.Effort(FAMILIES[:1], 1, 0, 0, 6, 6, 12))


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


@pytest.fixture(scope="module", autouse=True)
def _tiny():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "QUICK", TINY)
        yield


@pytest.fixture(scope="module")
def found() -> validation.Validation:
    return validation.validate(quick=True)


def test_every_table_is_there_and_the_page_tells_them(found: validation.Validation) -> None:
    assert set(found.tables) == {
        "closed_forms", "ranks", "rank_curves", "elsewhere", "readings", "losses", "skill", "cells", "coverage", "pit",
        "reliability", "predictive", "lost", "success", "curves", "risk", "predicted",
    }  # fmt: skip
    page = render(found, "idmaj validate --quick --seed 1")
    assert page.count("<svg") == 8, "four figures, each in two cuts"
    assert page.count('role="img"') == 8
    assert all(len(label) > 30 for label in re.findall(r'role="img" aria-label="([^"]*)"', page))
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!#)|url\(|@import|<script', page), "nothing is asked of a network"
    assert page.count("<table") == page.count("<thead>") == page.count("<caption>")
    assert page.count("<th scope=") > 50
    first = page[: page.index("In pictures")]
    assert "The register was made up" in first
    assert "What cannot be tested" in first
    assert "8.3 % a year" in first
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_the_page_is_the_same_each_time(found: validation.Validation) -> None:
    assert render(found, "x") == render(replace(found), "x")


def skill(**changes: tuple[float, float]) -> pd.DataFrame:
    base = {"constant hazard": (0.1, 0.05), "the last cohort's curve": (0.2, 0.1), "8.3 % a year": (0.3, 0.2)} | changes
    rows = [("log", rival, value, low, "later years") for rival, (value, low) in base.items()]
    return pd.DataFrame(rows, columns=["score", "rival", "skill", "low", "held_out"])


def test_a_loss_is_said_on_the_first_page(found: validation.Validation) -> None:
    assert "loses" not in saying.against_naive(skill())
    lost = skill(**{"constant hazard": (-0.02, -0.1)})
    assert "loses to constant hazard and beats the last" in saying.against_naive(lost)
    bad = replace(found, tables=found.tables | {"skill": lost.assign(high=0.4, cohorts=9, n=100)})
    assert "loses to constant hazard" in saying.answer(bad)
    assert {each.check: each.verdict for each in saying.said_of(bad)}["Against naive forecasts"] == "fails"
    assert "against naive forecasts" in saying.answer(bad)
    even = skill(**{"8.3 % a year": (0.02, -0.1)})
    assert "cannot be told from 8.3 % a year" in saying.against_naive(even)


@pytest.mark.parametrize(
    ("table", "change", "check"),
    [
        ("closed_forms", {"holds": False}, "Closed forms"),
        ("ranks", {"fails": True, "says": "intervals too narrow"}, "Fits find known truths"),
        ("predictive", {"says": "more than the model makes up"}, "Made-up registers"),
        ("coverage", {"inside": 0}, "Intervals of forecasts"),
        ("elsewhere", {"inside_95": False}, "Curves published elsewhere"),
    ],
)
def test_each_check_can_fail(found: validation.Validation, table: str, change: dict, check: str) -> None:
    bad = replace(found, tables=found.tables | {table: found.tables[table].assign(**change)})
    verdicts = {each.check: each.verdict for each in saying.said_of(bad)}
    assert verdicts[check] == "fails"
    assert check.lower() in saying.answer(bad)


def test_intervals_that_always_hold_are_called_wider_than_they_need_be(found: validation.Validation) -> None:
    counts = found.tables["coverage"]
    wide = replace(found, tables=found.tables | {"coverage": counts.assign(inside=counts["n"])})
    (said,) = (each for each in saying.said_of(wide) if each.check == "Intervals of forecasts")
    assert said.verdict == "mind" and said.words.endswith("wider than they need be.")


def test_a_stale_stamp_is_shown_as_stale(found: validation.Validation) -> None:
    old = replace(found, stale="stale: likelihood changed since it was made")
    page = render(old, "x")
    assert "stale: likelihood changed" in page[: page.index("In pictures")]
    assert "stale: likelihood" not in render(replace(found, stale=""), "x")


def test_few_fits_are_minded_and_enough_are_not(found: validation.Validation) -> None:
    for fits, verdict in ((30, "mind"), (200, "holds")):
        ranks = found.tables["ranks"].assign(fits=fits, fails=False)
        said = saying.said_of(replace(found, tables=found.tables | {"ranks": ranks}))
        assert said[1].verdict == verdict


def test_the_command_writes_page_and_tables_and_refuses_a_folder_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "found"
    assert run("validate", "--quick", "--out", out, "--json", "--workers", "1") == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["check"] for each in told["checks"]} >= {"Closed forms", "Against naive forecasts"}
    assert told["synthetic"] is True
    assert {"skill", "coverage", "elsewhere", "lost", "success", "readings"} <= set(told["tables"])
    page = (out / "validation.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "{%" not in page and ".narrow { display: none; }" in page, "it has the look of the other pages"
    assert len(pd.read_csv(out / "skill.csv")) == len(told["tables"]["skill"])
    assert run("validate", "--quick", "--out", out) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--data", "nowhere.csv"), "nowhere.csv"),
        (("--posterior", "nowhere"), "nowhere"),
        (("--seed", "-1"), "--seed: found -1"),
        (("--workers", "0"), "--workers: found 0"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("validate", "--quick", *words) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_other_things_and_a_file_of_priors_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    assert run("validate", "--quick", "--out", tmp_path, "--force") == 2
    assert "no validation" in capsys.readouterr().err
    assert run("data", "example", "priors", "--out", tmp_path / "p.toml") == 0
    assert run("validate", "--quick", "--data", tmp_path / "p.toml", "--out", tmp_path / "new") == 2
    assert "holds priors" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_cohort_tables_are_held_out_too(tmp_path: Path) -> None:
    cohorts = synthetic_cohorts(Truth(), Defects(), 300, 3)
    path = tmp_path / "cohorts.csv"
    path.write_text(table_text(COHORTS, cohorts, "synthetic"), encoding="utf-8")
    found = validation.validate(str(path), quick=True)
    assert not found.synthetic
    assert {"losses", "skill", "coverage", "pit"} <= set(found.tables)
    assert set(found.tables["skill"]["score"]) == {"log", "crps"}
    assert "need spells" in found.notes[-1]
    assert np.isfinite(found.tables["losses"]["crps"]).all()
    assert "need spells" in render(found, "x")


def at_its_worst(found: validation.Validation) -> validation.Validation:
    """Return a validation of which every check fails or is to be minded, and every remark is made."""
    few = "intervals too narrow; draws worth 44 only: thin further"
    changes = {
        "closed_forms": {"holds": False},
        "ranks": {"fits": 30, "fails": True, "says": few},
        "predictive": {"says": "less than the model makes up"},
        "coverage": {"inside": 0},
        "elsewhere": {"inside_95": False},
        "skill": {"skill": -0.02},
    }
    tables = {name: found.tables[name].assign(**change) for name, change in changes.items()}
    notes = (register_checks.NOTHING, register_checks.NO_SPELLS)
    stale = "stale: likelihood, rows changed since it was made"
    about = {"data": "register.csv", "synthetic": False, "stale": stale, "notes": notes}
    return replace(found, tables=found.tables | tables, **about)


def left_in_english(text: str) -> list[str]:
    text = html.unescape(re.sub(r"<style>.*?</style>", "", text, flags=re.S))
    return [part for part in english() if part in text]


@pytest.fixture(scope="module")
def pages(found: validation.Validation) -> dict[str, tuple[str, str]]:
    """Return in each language the page of a validation and of one at its worst."""
    drawn = {}
    for code in LANGUAGES:
        with speaking(code):
            drawn[code] = render(found, "x"), render(at_its_worst(found), "x")
    return drawn


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_on_the_page_is_left_in_english(pages: dict[str, tuple[str, str]], code: str) -> None:
    for plain, page in zip(pages["en"], pages[code], strict=True):
        assert f'<html lang="{code}" dir="{LANGUAGES[code].direction}">' in page
        assert left_in_english(page) == []
        assert len(left_in_english(plain)) > 40, "the search finds English where it is"
        heads = [set(re.findall(r'<th scope="col"[^>]*>(.*?)</th>', some)) for some in (plain, page)]
        assert len(heads[0]) > 40
        assert heads[0] & heads[1] <= ALIKE
        assert digits(page) == digits(plain) != []


def digits(page: str) -> list[str]:
    """Return the digits of each cell that is a number."""
    cells = [html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", page, re.S)]
    cells = [re.sub("[\u2066\u2069]", "", cell) for cell in cells]
    return [re.sub(r"\D", "", cell) for cell in cells if re.fullmatch(r"[+\u2212\d.,\u202f]+", cell)]


def test_words_in_pictures_are_the_readers(found: validation.Validation, pages: dict[str, tuple[str, str]]) -> None:
    pictures = re.findall(r"<svg.*?</svg>", pages["ar"][1], re.S)
    assert len(pictures) == 8
    written = {text for picture in pictures for text in re.findall(r"<text[^>]*>([^<]+)</text>", picture)}
    latin = {text for text in written if re.search("[a-z]{3}", text)}
    names = tuple(set(found.tables["ranks"]["quantity"]) - set(RANKED))
    assert len(latin) > 10
    assert [text for text in latin if not text.startswith(names) or not re.search("[\u0600-\u06ff]", text)] == []
    curves, chances = (re.findall(r"<svg.*?</svg>", pages["fr"][0], re.S)[place] for place in (0, 2))
    assert ">femmes<" in curves and ">Sous observation<" in curves
    assert ">0,2<" in chances and ">0.2<" not in chances


@pytest.mark.parametrize("code", OTHERS)
def test_what_holds_is_said_in_the_readers_language(found: validation.Validation, code: str) -> None:
    counts = found.tables["coverage"]
    well = {
        "skill": found.tables["skill"].assign(skill=0.2, low=0.1),
        "coverage": counts.assign(inside=(counts["level"] * counts["n"]).round()),
        "elsewhere": found.tables["elsewhere"].assign(inside_95=True, crps=range(len(found.tables["elsewhere"]))),
    }
    with speaking(code):
        said = [saying.answer(replace(found, tables=found.tables | well))]
        said += [each.words for each in saying.said_of(replace(found, tables=found.tables | well))]
        uncounted = counts[counts["forecaster"] != "idmaj"]
        said += [each.words for each in saying.said_of(replace(found, tables=found.tables | {"coverage": uncounted}))]
        unsure = {"skill": found.tables["skill"].assign(skill=0.2, low=-0.1)}
        said += [saying.answer(replace(found, tables=found.tables | unsure))]
    assert [part for text in said for part in left_in_english(text)] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_verdict_on_skill_is_said_in_the_readers_language(code: str) -> None:
    nan = float("nan")
    for value, low in ((nan, nan), (0.1, nan), (0.1, 0.05), (0.1, -0.05), (-0.1, -0.2)):
        with speaking(code):
            said = skills.verdict(skills.Skill(value, low, 0.2, 9, 90), "log score", "the last cohort's curve")
        assert left_in_english(said) == [] and "cohort'" not in said and "log score" not in said
        assert not re.search(r"\d\.\d", said)


@pytest.mark.parametrize("code", OTHERS)
def test_terminal_and_json_speak_with_the_same_names_and_numbers(
    found: validation.Validation,
    code: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validation, "validate", lambda *_words: at_its_worst(found))
    monkeypatch.setattr(validation_report, "render", lambda *_words: "the page")
    told = {}
    for spoken in ("en", code):
        with speaking("en"):
            assert run("--lang", spoken, "validate", "--out", tmp_path / spoken) == 0
            said = capsys.readouterr().out
            assert (left_in_english(said) == []) == (spoken == code), spoken
            assert run("--lang", spoken, "validate", "--out", tmp_path / spoken, "--force", "--json") == 0
            told[spoken] = json.loads(capsys.readouterr().out)
    plain, other = told["en"], told[code]
    assert other["tables"] == plain["tables"]
    names = [[(each["check"], each["verdict"]) for each in some["checks"]] for some in (plain, other)]
    assert names[0] == names[1]
    words = [*(each["says"] for each in other["checks"]), *other["cannot_tell"], *other["notes"], other["answer"]]
    assert [each for text in (*words, other["stale"]) for each in left_in_english(text)] == []
    for path in (tmp_path / "en").glob("*.csv"):
        assert path.read_bytes() == (tmp_path / code / path.name).read_bytes()
