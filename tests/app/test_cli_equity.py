"""`idmaj equity`: one answer on the terminal, in JSON and on the page; its pictures; mistakes before any run."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest
from markupsafe import escape
from small_studies import given_medians
from typer.testing import CliRunner

from idmaj.app.cli import build, main
from idmaj.app.equity_figures import QUADRANTS, plane_figure

SHORT = ("--start", "2008-01", "--years", "2", "--draws", "3", "--replications", "1", "--workers", "1")


def ask(*words: str) -> str:
    found = CliRunner().invoke(build(), list(words), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.fixture(autouse=True)
def _nothing_is_fitted(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    with given_medians():
        yield


def test_equity_is_one_answer_everywhere_and_comes_out_again_from_its_command(tmp_path):
    out = tmp_path / "reached"
    words = ("equity", "continued", "neediest_first", "trade_training", "--equity", "neediest_still_open", *SHORT)
    told = json.loads(ask(*words, "--out", str(out), "--json"))
    assert told == json.loads((out / "answer.json").read_text())
    page = (out / "answer.html").read_text(encoding="utf-8")
    assert str(escape(told["sentence"])) in page
    assert page.count("<svg") == 8, "plane, stages and two of who gains, each in two cuts"
    for name in ("the_neediest_at_each_stage", "the_equity_impact_plane", "who_gains_and_who_loses_by_need"):
        assert (out / f"{name}.csv").is_file()
    said = ask(*shlex.split(told["command"])[1:])
    assert told["sentence"] in said and told["fingerprints"][0][:12] in said
    assert told["equity"] == "neediest_still_open" and told["effect"] == "begun_and_open"
    assert [each["strategy"] for each in told["strategies"]] == ["continued", "neediest_first", "trade_training"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("equity continued neediest_frist", "neediest_first"),
        ("equity continued continued", "twice"),
        ("equity continued recession", "STRATEGY: found 'recession', a future"),
        ("equity continued rural --effect live_busineses", "--effect: found 'live_busineses'"),
        ("equity continued rural --effect waiting", "of which less is better"),
        ("equity continued rural --equity fair", "--equity: found 'fair', accepted concentration, "),
        ("equity continued rural --draws 1", "--draws: found 1"),
        ("equity continued rural --budget none", "--budget"),
        ("equity continued rural --start 2007-06", "--start"),
        ("equity continued rural --posterior nowhere", "nowhere"),
    ],
)
def test_mistakes_are_named_before_anything_is_run_or_written(words, said, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main([*words.split(), "--out", str(tmp_path / "out")])
    assert end.value.code == 2
    found = " ".join(capsys.readouterr().err.split())
    assert said in found and "Traceback" not in found
    assert not list(tmp_path.iterdir())


def test_one_strategy_is_too_few(capsys):
    with pytest.raises(SystemExit) as end:
        main(["equity", "continued"])
    assert end.value.code == 2 and "STRATEGY" in capsys.readouterr().err


def made_up(strategies: int) -> str:
    generator = np.random.default_rng(5)
    names = [f"Strategy number {number}" for number in range(strategies)]
    means = {"effect": (5.0, -3.0, 12.0), "equity": (0.02, 0.0, 0.05)}
    about = {f"{name}{end}": each for name, found in means.items()
             for end, each in zip(("", "_low", "_high"), found, strict=True)}  # fmt: skip
    rows = [{"strategy": name, "quadrant": each, "chance": 1.0} | about for name in names for each in QUADRANTS]
    draws = pd.concat([pd.DataFrame({"strategy": name, "effect": generator.normal(0, 30, 40),
                                     "equity": generator.normal(0, 0.04, 40)}) for name in names])  # fmt: skip
    facts = {"effect": "begun_and_open", "effect_unit": "projects", "equity": "concentration", "equity_unit": "index"}
    return plane_figure(draws, pd.DataFrame(rows), facts, "words", narrow=True)


TEXT = re.compile(
    r'<text style="(font-weight: 700)?[^"]*font-size: ([\d.]+)px[^"]*text-anchor: (\w+)[^"]*" '
    r'x="([-\d.]+)" y="([-\d.]+)" '
    r'transform="rotate\(-0 [^"]*">([^<]+)</text>'
)
BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}


@pytest.mark.parametrize("strategies", [1, 3, 5])
def test_no_two_texts_of_the_narrow_plane_lie_on_each_other(strategies):
    """Boxes are as wide as the letters of a wide sans, bold or not; texts on their side are left out."""
    found, boxes = made_up(strategies), []
    for bold, size, anchor, x, y, text in TEXT.findall(found):
        wide, left = (0.66 if bold else 0.56) * float(size) * len(text), float(x)
        left -= BEFORE[anchor] * wide
        boxes.append((text, left, float(y) - 0.75 * float(size), left + wide, float(y) + 0.2 * float(size)))
    assert len(boxes) > 5 * strategies + 4, "chances in four corners, their names, the legend"
    for place, (text, left, top, right, bottom) in enumerate(boxes):
        for other, *box in boxes[:place]:
            apart = right <= box[0] or box[2] <= left or bottom <= box[1] or box[3] <= top
            assert apart, f"{text} lies on {other}"
