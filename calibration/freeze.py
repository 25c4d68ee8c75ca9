"""Forecasts that could fail, frozen: dated, hashed, with intervals; and scored when the figures come out.

The file is JSON, a line a forecast. Its hash covers all of it: a line that was mended is refused. Who makes the hash
again is not noticed, so publish it elsewhere on the day it is frozen.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim.errors import UserError, later, worded
from ..sim.policy import month_name
from .dates import first_moment
from .scores import LEVELS, crps, pit

Floats = npt.NDArray[np.float64]

FORM = "idmaj forecasts 1"
KNOWN_UNTIL = date(2020, 6, 30)
"""The latest figure that the fit which comes with idmaj is weighed by: the survey of heads at work (L001)."""
KEPT = 100
"""Quantiles of each forecast that are kept: they stand for its draws."""
DIGITS = 6
"""Significant digits of a kept quantile."""


@dataclass(frozen=True)
class Figure:
    """A figure that is forecast: name (a monthly outcome), what it is, its unit, and whether it is counted at a date.

    Otherwise it is summed over the months of a year.
    """

    name: str
    words: str
    unit: str
    counted: bool = False


FIGURES = (
    Figure("projects_started", "AGRs started in a year, the strategy unchanged", later("AGRs")),
    Figure("placed", "Persons placed in formal work in a year", later("persons")),
    Figure("cooperatives_founded", "Cooperatives founded in a year", later("cooperatives")),
    Figure("active_share", "Share of all AGRs ever financed that an evaluator finds active", "share", counted=True),
)
"""What is frozen."""


@dataclass(frozen=True)
class Frozen:
    """A file of forecasts.

    Attributes
    ----------
    made : date
        When they were frozen.
    about : dict of str
        What they follow from: hashes of parameters and code, versions, the command.
    forecasts : DataFrame
        `figure, words, unit, counted, first, last` (months since January 2007), `mean`, for each level of 50, 80 and
        95 `low_50, high_50` and so on, and `quantiles` (tuple of 100).
    sha256 : str
        Of all of the file.
    """

    made: date
    about: dict[str, str]
    forecasts: pd.DataFrame
    sha256: str


def yearly(monthly: pd.DataFrame, since: int) -> pd.DataFrame:
    """Return the figures of each run, by year, and of those counted at a date by month.

    Parameters
    ----------
    monthly : DataFrame
        A row a run and month: `draw, replication, month` (since January 2007) and a column a figure.
    since : int
        First month that is forecast, a January; years that are not whole are left out.

    Returns
    -------
    DataFrame
        `figure, first, last` (months), `draw, replication, value`.
    """
    ahead = monthly[monthly["month"] >= since]
    whole = ahead[ahead["month"] < 12 * ((ahead["month"].max() + 1) // 12)] if len(ahead) else ahead
    run = ["draw", "replication"]
    parts = []
    for figure in FIGURES:
        if figure.counted:
            part = ahead[[*run, "month", figure.name]].rename(columns={"month": "first", figure.name: "value"})
            part = part.assign(last=part["first"])
        else:
            sums = whole.groupby([*run, whole["month"] // 12 * 12])[figure.name].sum().reset_index()
            part = sums.rename(columns={"month": "first", figure.name: "value"}).assign(last=sums["month"] + 11)
        parts.append(part.assign(figure=figure.name))
    return pd.concat(parts, ignore_index=True)[["figure", "first", "last", *run, "value"]]


def frozen_day(text: str) -> date:
    """Read the day that forecasts are frozen on; UserError if it is none, written YYYY-MM-DD."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise UserError("--date: found {text!r}; accepted: a day, YYYY-MM-DD", text=text)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError("--date: found {text!r}; accepted: a day, YYYY-MM-DD", text=text) from error


def check_day(text: str) -> None:
    """Refuse a day on which the figures of the fit were not out yet: nothing would be foretold."""
    if frozen_day(text) <= KNOWN_UNTIL:
        why = worded("the fit rests on figures up to then")
        raise UserError(
            "--date: found {text}, accepted a day after {known_until}: {why}",
            text=text,
            known_until=KNOWN_UNTIL,
            why=why,
        )


def frozen_text(values: pd.DataFrame, made: str, about: Mapping[str, str]) -> str:
    """Return the text of a file of forecasts.

    Parameters
    ----------
    values : DataFrame
        As from `yearly`: every run weighs the same.
    made : str
        The day it is frozen, YYYY-MM-DD; it is told, never looked up.
    about : mapping of str
        What the forecasts follow from.

    Raises
    ------
    UserError
        If the date is none, or there is nothing to forecast.
    """
    day = frozen_day(made)
    if not len(values):
        raise UserError("forecasts: found no whole year ahead; accepted: a plan that ends later")
    known = {figure.name: figure for figure in FIGURES}
    forecasts = []
    for _, part in values.groupby(["figure", "first", "last"], sort=False):
        figure = known[str(part["figure"].iloc[0])]
        first, last = int(part["first"].iloc[0]), int(part["last"].iloc[0])
        about_it = {"figure": figure.name, "words": figure.words, "unit": figure.unit, "counted": figure.counted}
        period = {"first": first, "last": last, "period": _period(first, last)}
        forecasts.append(about_it | period | _spread(part["value"].to_numpy(dtype=np.float64)))
    content = {"form": FORM, "made": day.isoformat(), "about": dict(about), "forecasts": forecasts}
    head = {key: content[key] for key in ("form", "made", "about")} | {"sha256": _sha256(content)}
    lines = ",\n".join(f"  {json.dumps(each)}" for each in forecasts)
    return f'{json.dumps(head, indent=1)[:-2]},\n "forecasts": [\n{lines}\n ]\n}}\n'


def read_frozen(path: Path) -> Frozen:
    """Read a file of forecasts.

    Raises
    ------
    UserError
        If it cannot be read, or is not what was frozen.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kept = content.pop("sha256")
        if content["form"] != FORM:
            raise ValueError(f"form {content['form']!r}")
        if kept != _sha256(content):
            raise UserError(
                "{path}: it is not what was frozen (sha256 {digest}, not {kept})",
                path=path,
                digest=_sha256(content)[:12],
                kept=kept[:12],
            )
        forecasts = pd.DataFrame(content["forecasts"])
        forecasts["quantiles"] = [tuple(each) for each in forecasts["quantiles"]]
        return Frozen(frozen_day(content["made"]), content["about"], forecasts.drop(columns="period"), kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        if isinstance(problem, UserError):
            raise
        why = worded("cannot be read as frozen forecasts ({problem}); idmaj freeze writes them", problem=problem)
        raise UserError("{path}: {why}", path=path, why=why) from problem


def score_frozen(frozen: Frozen, published: pd.DataFrame) -> pd.DataFrame:
    """Score forecasts by figures that were published.

    A figure is of a forecast if its `quantity` is the forecast's name or words, and its dates are the year or, where
    it is counted at a date, its `to` lies in the month.

    Parameters
    ----------
    frozen : Frozen
    published : DataFrame
        As `read_published` returns it.

    Returns
    -------
    DataFrame, one row a figure that was forecast
        `id, figure, first, last`, `published` and its half `rounding` in the unit of the forecast, `unit, mean`,
        `low, high` (95 %), `inside_50, inside_80, inside_95` (whether some value that prints so is), `crps` (in the
        unit), `log` (nats, of printing so), `pit`, `ahead` (whether it was frozen before the period ended).

    Raises
    ------
    UserError
        If units differ.
    """
    rows = []
    made = first_moment(frozen.made.isoformat())
    for item in published.to_dict("records"):
        for forecast in frozen.forecasts.to_dict("records"):
            if not _same(item, forecast):
                continue
            factor = _factor(item, forecast)
            value, half = item["value"] * factor, item["rounding"] * factor / 2.0
            draws = np.array(forecast["quantiles"])
            row = {key: forecast[key] for key in ("figure", "first", "last", "unit", "mean")}
            row |= {"id": item["id"], "published": value, "rounding": half}
            row |= {"low": forecast["low_95"], "high": forecast["high_95"]}
            for level in (f"{100 * each:.0f}" for each in LEVELS):
                low, high = forecast[f"low_{level}"], forecast[f"high_{level}"]
                row[f"inside_{level}"] = low <= value + half and value - half <= high
            row |= {"crps": float(crps(draws[:, None], [value])[0]), "log": log_score_printed(draws, value, half)}
            row |= {"pit": float(pit(draws[:, None], [value])[0]), "ahead": made < forecast["last"] + 1.0}
            rows.append(row)
    numbers = ("published", "rounding", "mean", "low", "high")
    inside = [f"inside_{100 * each:.0f}" for each in LEVELS]
    columns = ["id", "figure", "first", "last", "unit", *numbers, *inside, "crps", "log", "pit", "ahead"]
    return pd.DataFrame(rows, columns=columns)


def frozen_says(scored: pd.DataFrame, published: int) -> list[str]:
    """Say in plain words how forecasts did.

    Parameters
    ----------
    scored : DataFrame
        As from `score_frozen`.
    published : int
        Figures in the file they were scored by.
    """
    if not len(scored):
        names = ", ".join(figure.name for figure in FIGURES)
        none = worded(
            "None of the {published} figures was forecast. Forecast are {names}, by year; see the file's periods.",
            published=published,
            names=names,
        )
        return [none]
    n, said = len(scored), [_inside(scored, level) for level in LEVELS]
    worst = scored.iloc[int(scored["log"].to_numpy().argmax())]
    where = _period(int(worst["first"]), int(worst["last"]), worded)
    about = {"figure": worst["figure"], "when": where, "published": worst["published"], "mean": worst["mean"]}
    said.append(worded("Farthest off is {figure} of {when}: {published:.4g}, forecast {mean:.4g}.", **about))
    late = int((~scored["ahead"].astype(bool)).sum())
    if late:
        passed = worded(
            "{count} of them speak of a time that had passed when the forecasts were frozen: no forecasts.", count=late
        )
        said.append(passed)
    if n < published:
        missing = published - n
        said.append(worded("{count} of the {published} figures were not forecast.", count=missing, published=published))
    return said


def _inside(scored: pd.DataFrame, level: float) -> str:
    """Say how many figures lie in their interval of a level; of few, how seldom that would be."""
    from scipy.special import bdtr

    inside = int(scored[f"inside_{100 * level:.0f}"].sum())
    chance = float(bdtr(inside, len(scored), level))
    about = {"count": len(scored), "inside": inside, "level": 100 * level}
    if chance >= 0.05:
        return worded("Of {count} figures, {inside} lie in their {level:.0f} % interval.", **about)
    return worded(
        "Of {count} figures, {inside} lie in their {level:.0f} % interval; so few, or fewer, would be seen with a "
        "chance of {chance:.1g} %.",
        chance=100 * chance,
        **about,
    )


def log_score_printed(draws: npt.ArrayLike, value: float, half: float) -> float:
    """Return minus the log chance, in nats, that a number is printed as `value`, rounded by up to `half` either way.

    Draws are smoothed by a normal kernel (Silverman 1986, equation 3.31).
    """
    from scipy.special import ndtr

    found = np.asarray(draws, dtype=np.float64)
    quartiles = np.quantile(found, [0.25, 0.75])
    spreads = [each for each in (found.std(ddof=1), (quartiles[1] - quartiles[0]) / 1.34) if each > 0.0]
    width = max(0.9 * min(spreads, default=0.0) * found.size**-0.2, half, 1e-12)
    chance = float((ndtr((value + half - found) / width) - ndtr((value - half - found) / width)).mean())
    return float(-np.log(chance)) if chance > 0.0 else float("inf")


def _spread(values: Floats) -> dict[str, Any]:
    def short(value: float) -> float:
        return float(f"{value:.{DIGITS}g}")

    row: dict[str, Any] = {"mean": short(values.mean())}
    for level in LEVELS:
        low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], method="inverted_cdf")
        row |= {f"low_{100 * level:.0f}": short(low), f"high_{100 * level:.0f}": short(high)}
    quantiles = np.quantile(values, (np.arange(KEPT) + 0.5) / KEPT, method="inverted_cdf")
    return row | {"quantiles": [short(value) for value in quantiles]}


def _same(item: Mapping[Any, Any], forecast: Mapping[Any, Any]) -> bool:
    named = str(item["quantity"]).strip().casefold() in (forecast["figure"].casefold(), forecast["words"].casefold())
    ends = int(item["to"] // 1) == forecast["last"]
    return bool(named and ends and (forecast["counted"] or int(item["from"] // 1) == forecast["first"]))


def _factor(item: Mapping[Any, Any], forecast: Mapping[Any, Any]) -> float:
    if item["unit"] == forecast["unit"]:
        return 1.0
    if (item["unit"], forecast["unit"]) == ("percent", "share"):
        return 0.01
    accepted = "percent" if forecast["unit"] == "share" else forecast["unit"]
    raise UserError(
        "figure {id}: unit: found {unit!r}; accepted: {accepted}, as it was forecast",
        id=item["id"],
        unit=item["unit"],
        accepted=accepted,
    )


def _period(first: int, last: int, say: Callable[..., str] = str.format) -> str:
    """Return a month, or the first and the last of some; in English unless it is `worded`."""
    if first == last:
        return month_name(first)
    return say(later("{low} to {high}"), low=month_name(first), high=month_name(last))


def _sha256(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
