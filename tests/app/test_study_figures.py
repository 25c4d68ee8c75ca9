"""The report's pictures of places, money and time, and its criteria, say what the study's tables say."""

import re

import pandas as pd
import pytest

from idmaj.app import report_pictures
from idmaj.app.dac import criteria
from idmaj.app.drawing import BASELINE, FONT, PALETTE, WIDE
from idmaj.app.figures import MARGIN, fitting
from idmaj.app.front_figures import GREYED
from idmaj.app.report import report_of
from idmaj.app.report_pdf import _told
from idmaj.app.report_pictures import NEEDIEST, _extra, _front, _moves
from idmaj.app.study import _value
from idmaj.app.study_figures import TOWNS, places_figure, plane_figure, strategies_figure
from idmaj.app.wording import label
from idmaj.scenarios.decisions import tornado
from idmaj.scenarios.language import LANGUAGES, speaking
from idmaj.scenarios.questions import what_moves
from idmaj.sim.outcomes import HEADLINE

CALLED = {"first": "The first", "second": "The second"}


def dots(picture: str) -> list[str]:
    """Return the colours of the dots, in the order drawn."""
    return re.findall(r'id="[a-z-]*PathCollection_\d+".*?fill: (#\w+)', picture, re.S)


def test_the_plane_shows_differences_from_the_baseline(study):
    extra = _extra(study, "live_businesses")
    rows = study.rows[study.rows["outcome"] == "live_businesses"].set_index("strategy")
    assert list(extra) == study.keys[1:]
    assert extra.mean().to_dict() == pytest.approx(rows.loc[study.keys[1:], "difference"].to_dict())
    effect = pd.DataFrame({"second": [1.0, 3.0]})
    assert dots(plane_figure(effect, 1e6 * effect, CALLED, "words")) == [PALETTE[0], PALETTE[0]]  # draws, then the mean
    small, large = (plane_figure(effect, scale * effect, CALLED, "words") for scale in (1e3, 1e6))
    assert "thousand MAD 2016" in small and "million MAD 2016" in large


def test_each_strategy_keeps_its_colour_however_it_is_drawn():
    rows = pd.DataFrame([(key, "Rabat", 40.0) for key in CALLED], columns=["strategy", "member", "mean"])
    assert dots(places_figure(rows, CALLED, "words")) == [BASELINE, PALETTE[0]]


def test_who_is_beaten_is_grey_and_who_may_be_is_hollow():
    called, aims = CALLED | {"third": "The third"}, (NEEDIEST, HEADLINE[0])
    changes = {"second": (0.04, -2.0), "third": (-0.04, 2.0)}  # for the neediest, and live businesses
    rows = pd.DataFrame(
        [
            (key, aim, by, by - 0.01, by + 0.01)
            for key, moves in changes.items()
            for aim, by in zip(aims, moves, strict=True)
        ],
        columns=["strategy", "outcome", "difference", "low", "high"],
    )
    verdicts = pd.Series({"first": "not sure", "second": "kept", "third": "dominated"})
    picture = strategies_figure(rows, verdicts, called, aims, "words")
    spots = re.findall(r'<use [^>]*x="([\d.]+)" y="([\d.]+)" style="fill: (#\w+); stroke: (#\w+)', picture)
    (base, fairer, larger) = [(float(x), float(y)) for x, y, *_hues in spots[-6:-3]]
    assert fairer[0] > base[0] > larger[0], "right is more for the neediest"
    assert fairer[1] > base[1] > larger[1], "up, where y is less, is more businesses"
    fills = re.findall(r'style="fill: (#\w+); stroke: (#\w+)', picture)
    assert fills[-6:-3] == [("#ffffff", BASELINE), (PALETTE[0], PALETTE[0]), ("#ffffff", GREYED)]


def test_the_report_tells_the_front_and_what_the_answer_hangs_on_where_draws_can(study, monkeypatch):
    plan = study.experiment.plan
    assert bool(_front(study)) == (plan.draws >= report_pictures.FRONT_DRAWS)
    assert _moves(study) == [], "fifths of so few draws hold next to nothing"
    monkeypatch.setattr(report_pictures, "FRONT_DRAWS", 2)
    (figure,) = _front(study)
    assert "95 %" in figure.caption and figure.wide != figure.narrow
    monkeypatch.setattr(tornado, "FEWEST", 2)
    monkeypatch.setattr(what_moves, "bars_of", lambda found, answer: bars(named=False))
    assert _moves(study) == [], "no bar is longer than noise"
    monkeypatch.setattr(what_moves, "bars_of", lambda found, answer: bars(named=True))
    (figure,) = _moves(study)
    assert "How much it matters" in figure.wide


def bars(named: bool) -> pd.DataFrame:
    """Return one bar of a tornado."""
    return pd.DataFrame(
        {"assumption": ["a"], "words": ["How much it matters"], "base": [1.0], "low": [0.0], "high": [2.0],
         "floor": [0.5], "named": [named]}
    )  # fmt: skip


def test_the_map_names_each_town_with_its_number_and_leaves_out_what_it_has_not():
    rows = pd.DataFrame(
        [("first", town, 10.4 + place) for place, town in enumerate([*TOWNS, "Gharb"])],
        columns=["strategy", "member", "mean"],
    )
    written = re.findall(r"<text[^>]*>([^<]+)</text>", places_figure(rows, {"first": "The first"}, "words"))
    assert [f"{town} {10 + place}" for place, town in enumerate(TOWNS)] == [text for text in written if " 1" in text]
    assert not any("Gharb" in text for text in written)


def test_a_criterion_says_the_level_of_the_baseline_and_each_difference(study):
    rows = study.rows[study.rows["outcome"] == "live_businesses"]
    (said,) = (text for each in criteria(study) for text in each.says if text.startswith("Live businesses: "))
    assert said.startswith(f"Live businesses: {rows['baseline_mean'].iloc[0]:.0f} projects under “Continued”; ")
    assert said.count("“") == 1 + len(rows)


def test_pictures_of_the_pdf_ask_for_the_letters_it_brings(study, tmp_path):
    told = _told(study, report_of(study), tmp_path)
    for figure in told["figures"]:
        drawing = (tmp_path / figure["file"]).read_text(encoding="utf-8")
        assert FONT not in drawing and "DejaVu Sans" in drawing and "xmlns=" in drawing


@pytest.mark.parametrize(
    ("words", "unit", "english", "french"),
    [
        ("0.8", "share", "80\u00a0%", None),
        ("0.0333 to 0.367", "share", "3.33 to 36.7 %", "3,33 à 36,7 %"),
        ("need_first", "", "need first", "vulnérabilité d'abord"),
        ("true", "yes/no", "yes", "oui"),
        ("1.5", "ratio", "1.5", "1,5"),
        ("3", "branches", "3 branches", "3 antennes"),
    ],
)
def test_a_setting_is_told_in_words(words, unit, english, french):
    assert _value(words, unit).replace("\u00a0", " ") == english.replace("\u00a0", " ")
    if french is not None:
        with speaking("fr"):
            assert _value(words, unit) == french


def test_titles_of_panels_do_not_reach_into_their_neighbours():
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    panel = WIDE / 3 - 2 * MARGIN
    bold = FontProperties(family="DejaVu Sans", weight="bold")
    for code in LANGUAGES:
        with speaking(code):
            titles = [label(name) for name in HEADLINE]
        for title in titles:
            drawn = TextPath((0, 0), title, size=fitting(title, 9.5, panel, 0.62), prop=bold).get_extents().width
            assert drawn < 72.0 * (WIDE / 3 - MARGIN / 2), (code, title)
