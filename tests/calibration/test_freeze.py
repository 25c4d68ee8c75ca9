"""Frozen forecasts cannot be mended, and are scored by what comes out."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from idmaj.calibration import freeze as fr
from idmaj.calibration.published import published_of
from idmaj.calibration.scores import crps
from idmaj.scenarios.language import speaking
from idmaj.sim import UserError

LUCK = np.random.default_rng(5)
MONTHS = pd.DataFrame(
    [
        {
            "draw": draw,
            "replication": 0,
            "month": month,
            "projects_started": 5.0 + draw % 5,
            "placed": float(LUCK.poisson(4)),
            "cooperatives_founded": 0.0,
            "active_share": 0.5 - 0.0004 * (month - 140) + 0.0004 * draw,
        }
        for draw in range(100)
        for month in range(138, 174)
    ]
)
VALUES = fr.yearly(MONTHS, 144)
TEXT = fr.frozen_text(VALUES, "2019-06-30", {"parameters": "p" * 64})


def figure(name: str, value: float, unit: str, first: str, last: str, rounding: float = 1.0) -> str:
    share = "AGRs" if unit == "percent" else "none"
    lines = {"id": f"F {name} {last}", "quantity": name, "unit": unit, "denominator": share, "from": first, "to": last}
    lines |= {"untraceable": "not stated", "population": "all", "source": "made up", "grade": "B"}
    head = f"[[figures]]\nvalue = {value}\nrounding = {rounding}\n"
    return head + "".join(f"{key} = {json.dumps(text)}\n" for key, text in lines.items())


def scored(tmp_path, *figures: str) -> pd.DataFrame:
    path = tmp_path / "forecasts.json"
    path.write_text(TEXT, encoding="utf-8")
    return fr.score_frozen(fr.read_frozen(path), published_of("figures.toml", "\n".join(figures)))


def test_figures_are_summed_over_years_and_counted_at_months() -> None:
    started = VALUES[VALUES["figure"] == "projects_started"]
    assert sorted(started["first"].unique()) == [144, 156], "a year that is not whole is left out"
    assert (started["last"] - started["first"] == 11).all()
    assert started.query("draw == 3 and first == 144")["value"].item() == 96.0
    share = VALUES[VALUES["figure"] == "active_share"]
    assert sorted(share["first"].unique()) == list(range(144, 174))
    assert share.query("draw == 0 and first == 150")["value"].item() == pytest.approx(0.496)


def test_a_file_comes_back_as_it_was_frozen(tmp_path) -> None:
    path = tmp_path / "forecasts.json"
    path.write_text(TEXT, encoding="utf-8")
    frozen = fr.read_frozen(path)
    assert frozen.made.isoformat() == "2019-06-30"
    assert frozen.about == {"parameters": "p" * 64}
    assert len(frozen.forecasts) == 3 * 2 + 30
    row = frozen.forecasts.query("figure == 'projects_started' and first == 144").iloc[0]
    assert row["mean"] == pytest.approx(84.0)
    assert (row["low_95"], row["low_50"], row["high_50"], row["high_95"]) == (60, 72, 96, 108)
    assert len(row["quantiles"]) == 100
    assert fr.frozen_text(VALUES, "2019-06-30", {"parameters": "p" * 64}) == TEXT, "the same bytes again"
    assert TEXT.count("\n") < 60


def test_a_forecast_that_was_mended_is_refused(tmp_path) -> None:
    path = tmp_path / "forecasts.json"
    for old, new in (('"mean": 84.0', '"mean": 85.0'), ("2019-06-30", "2018-06-30"), ("pppp", "qqqq")):
        assert old in TEXT
        path.write_text(TEXT.replace(old, new), encoding="utf-8")
        with pytest.raises(UserError, match="not what was frozen"):
            fr.read_frozen(path)
    for text in ("", "{}", "[]", json.dumps({"sha256": "x", "form": "another"})):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match="cannot be read as frozen forecasts"):
            fr.read_frozen(path)
    with pytest.raises(UserError, match="cannot be read"):
        fr.read_frozen(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["2019-6-30", "2019-02-30", "today", "2019-06"])
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="accepted: a day"):
        fr.frozen_text(VALUES, text, {})


def test_nothing_ahead_is_refused() -> None:
    with pytest.raises(UserError, match="no whole year"):
        fr.frozen_text(fr.yearly(MONTHS, 500), "2019-06-30", {})


def test_figures_are_scored_in_the_unit_of_the_forecast(tmp_path) -> None:
    table = scored(
        tmp_path,
        figure("projects_started", 120, "AGRs", "2019-01", "2019-12"),
        figure("Active_Share", 51.6, "percent", "2007-01", "2019-07-14", 0.1),
        figure("Persons placed in formal work in a year", 48, "persons", "2020-01", "2020-12"),
        figure("placed", 48, "persons", "2020-01", "2020-11"),
        figure("something else", 48, "persons", "2020-01", "2020-12"),
    )
    assert table["figure"].tolist() == ["projects_started", "active_share", "placed"]
    started, share, placed = table.to_dict("records")
    assert not started["inside_95"]
    assert started["pit"] == pytest.approx(1.0)
    assert share["published"] == pytest.approx(0.516)
    assert share["rounding"] == pytest.approx(0.0005)
    assert share["inside_95"]
    assert placed["inside_95"]
    draws = VALUES.query("figure == 'placed' and first == 156")["value"].to_numpy()
    assert placed["crps"] == pytest.approx(crps(draws[:, None], [48.0])[0], abs=0.01)
    assert table["ahead"].tolist() == [True, True, True]


def test_an_interval_holds_what_can_be_printed_so(tmp_path) -> None:
    """The 95 % interval ends at 108; 110 to the nearest ten may be 105."""
    rough = scored(tmp_path, figure("projects_started", 110, "AGRs", "2019-01", "2019-12", 10.0))
    exact = scored(tmp_path, figure("projects_started", 110, "AGRs", "2019-01", "2019-12", 1.0))
    assert rough["inside_95"].tolist() == [True]
    assert exact["inside_95"].tolist() == [False]


def test_another_unit_is_refused(tmp_path) -> None:
    with pytest.raises(UserError, match="found 'AGRs'; accepted: persons"):
        scored(tmp_path, figure("placed", 48, "AGRs", "2020-01", "2020-12"))


def test_a_plain_sentence(tmp_path) -> None:
    table = scored(
        tmp_path,
        figure("projects_started", 300, "AGRs", "2019-01", "2019-12"),
        figure("cooperatives_founded", 7, "cooperatives", "2019-01", "2019-12"),
        figure("placed", 48, "persons", "2020-01", "2020-12"),
        figure("active_share", 50.0, "percent", "2007-01", "2019-03", 0.1),
    )
    says = fr.frozen_says(table, 5)
    odd = "; so few, or fewer, would be seen with a chance of 1 %"
    assert says[2] == f"Of 4 figures, 2 lie in their 95 % interval{odd}."
    assert says[3].startswith("Farthest off is projects_started of 2019-01 to 2019-12: 300, forecast 84")
    assert says[4] == "1 of them speak of a time that had passed when the forecasts were frozen: no forecasts."
    assert says[5] == "1 of the 5 figures were not forecast."
    assert "None of the 2 figures" in fr.frozen_says(table.iloc[:0], 2)[0]
    with speaking("fr"):
        french = fr.frozen_says(table, 5)
        assert len(french) == len(says) and "2019-01 à 2019-12" in french[3]
        assert fr.frozen_text(VALUES, "2019-06-30", {"parameters": "p" * 64}) == TEXT


def test_the_log_score_is_that_of_the_rounding_interval() -> None:
    draws = stats.norm.ppf((np.arange(2000) + 0.5) / 2000, 50.0, 10.0)
    expected = -np.log(stats.norm.cdf(60.5, 50, 10) - stats.norm.cdf(59.5, 50, 10))
    assert fr.log_score_printed(draws, 60.0, 0.5) == pytest.approx(expected, abs=0.05)
    assert fr.log_score_printed(np.full(100, 3.0), 3.0, 0.5) < 0.4
    assert np.isposinf(fr.log_score_printed(np.full(100, 3.0), 300.0, 0.5))
