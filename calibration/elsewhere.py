"""Curves published elsewhere that no fit has used, foretold by the model's closed form under prior and posterior."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim.errors import later, worded
from ..sim.params import NUMBERS
from . import hazards
from .bridge import load_bridge
from .figures import figure
from .freeze import log_score_printed
from .privacy import told
from .scores import LEVELS, crps, interval, pit
from .shares import Share, bundled_share

Floats = npt.NDArray[np.float64]
Curve = Callable[[Floats], Floats]
"""(ages in years (m,)) -> share open (draws, m)."""

WINDOW = 8.0
"""Years in which Swedish refugees opened and were followed (S015: 2005-2012)."""
STOCK, AHEAD = 20.0, 5.0
"""Existing firms (S001): opened evenly over so many years (judgement), followed for five."""
STEPS = 80
SURE = 0.95


def _at(years: float) -> Callable[[Curve], Floats]:
    return lambda curve: 100.0 * curve(np.array([years]))[:, 0]


def _new_ones(curve: Curve) -> Floats:
    """Return exits per 100 years at risk of those who opened evenly over the window and were followed to its end."""
    ages = (np.arange(STEPS) + 0.5) * WINDOW / STEPS
    alive = curve(ages)
    followed = 1.0 - ages / WINDOW  # share of the window's cohorts that reach an age within it
    ended = 1.0 - alive.mean(axis=1)
    return np.asarray(100.0 * ended / ((alive * followed).mean(axis=1) * WINDOW))


def _existing_ones(curve: Curve) -> Floats:
    """Return yearly deaths, in per cent, over five years of a stock of firms of all ages up to twenty years."""
    ages = (np.arange(STEPS) + 0.5) * STOCK / STEPS
    now, then = curve(ages).mean(axis=1), curve(ages + AHEAD).mean(axis=1)
    return np.asarray(100.0 * (1.0 - (then / now) ** (1.0 / AHEAD)))


@dataclass(frozen=True)
class Elsewhere:
    """A curve of others: its figure, what is foretold of it in words, the half of its rounding, and how."""

    id: str
    words: str
    half: float
    foretell: Callable[[Curve], Floats]


CURVES = (
    Elsewhere("S006", later("Registered firms of Casablanca open after 1 year"), 0.5, _at(1.0)),
    Elsewhere("S007", later("Registered firms of Casablanca open after 3 years"), 0.5, _at(3.0)),
    Elsewhere("S015", later("Exits a year of refugees who opened in Sweden, 2005-2012"), 0.05, _new_ones),
    Elsewhere("S001", later("Deaths a year of existing firms in 12 countries"), 0.05, _existing_ones),
)
NEVER, WIDE = later("never, not even in a prior"), later("only through a wide prior")


def role(id: str) -> str:
    """Say how a figure of others came in: some prior names it, or none does."""
    return WIDE if any(id in number.basis.replace(";", " ").split() for number in NUMBERS.values()) else NEVER


def curve_of(params: Any) -> Curve:
    """Return the share of AGRs open by age, departures from the country left out: hosts and others do not leave it."""
    reached = load_bridge()(params)
    table = params.copy()
    table["log_frailty_sd"] = np.hypot(params["log_frailty_sd"], reached["spread"])
    others = reached[["job", "forced", "other"]].sum(axis=1).to_numpy()
    return lambda ages: hazards.survival(ages, table, reached["population"].to_numpy(), others)


def elsewhere_table(draws: Mapping[str, Any]) -> pd.DataFrame:
    """Score what the model foretells of curves of others.

    Parameters
    ----------
    draws : mapping of recarrays of Params
        By what they are called: "prior", "posterior".

    Returns
    -------
    DataFrame, one row a figure and set of draws
        `id, what, used` (how it came in), `published` (per cent), `under` (which draws), `mean, low, high` (95 %
        interval), `inside_50, inside_80, inside_95`, `log` (nats, of printing so), `crps` (points), `pit`.
    """
    curves = {name: curve_of(params) for name, params in draws.items()}
    rows = []
    for each in CURVES:
        value = float(figure(each.id)["value"])
        for name, curve in curves.items():
            foretold = each.foretell(curve)
            row: dict[str, Any] = {"id": each.id, "what": each.words, "used": role(each.id), "published": value}
            low, high = (float(edge[0]) for edge in interval(foretold[:, None], SURE))
            row |= {"under": name, "mean": float(foretold.mean()), "low": low, "high": high}
            for level in LEVELS:
                least, most = (float(edge[0]) for edge in interval(foretold[:, None], level))
                row[f"inside_{100 * level:.0f}"] = least <= value + each.half and value - each.half <= most
            row |= {"log": log_score_printed(foretold, value, each.half)}
            row |= {"crps": float(crps(foretold[:, None], [value])[0])}
            row |= {"pit": float(pit(foretold[:, None], [value])[0])}
            rows.append(row)
    return pd.DataFrame(rows)


def elsewhere_says(table: pd.DataFrame) -> str:
    """Say in a sentence how many intervals hold, and whether prior or posterior foretells better."""
    after, before = (table[table["under"] == name].set_index("id") for name in ("posterior", "prior"))
    held, n = int(after["inside_95"].sum()), len(after)
    missed = worded(", ").join(str(id) for id in after.index[~after["inside_95"].astype(bool)])
    if missed:
        said = worded(
            "Of {n} curves published elsewhere, {held} lie in the 95 % interval of the fit (not {missed})",
            n=n, held=held, missed=missed,
        )  # fmt: skip
    else:
        said = worded("Of {n} curves published elsewhere, {held} lie in the 95 % interval of the fit", n=n, held=held)
    gain = float((before["crps"] - after["crps"]).mean())
    fit, prior = (told(f"{table['crps'].mean():.1f}") for table in (after, before))
    about = {"said": said, "fit": fit, "prior": prior, "better": int((after["crps"] < before["crps"]).sum()), "n": n}
    if gain > 0.0:
        return worded(
            "{said}; the fit foretells them better than its prior (mean error {fit} against {prior} points, better on "
            "{better} of {n}).",
            **about,
        )
    return worded(
        "{said}; the fit foretells them worse than its prior (mean error {fit} against {prior} points, better on "
        "{better} of {n}).",
        **about,
    )


def readings_table(params: Any, share: Share | None = None) -> pd.DataFrame:
    """Say what each reading of the published share comes to under the draws of a fit.

    Returns
    -------
    DataFrame, one row a reading
        `reading, n, financed, published, mean, low, high` (per cent that would be printed, 95 % of draws) and `chance`:
        how much of the chance of the print is its, each reading as likely beforehand.
    """
    share = share or bundled_share()
    reached = load_bridge()(params)
    seen = share.seen_shares(params, reached)
    chance = share.chances(params, reached).mean(axis=0)
    total = float(chance.sum())
    rows = []
    for k, each in enumerate(share.readings):
        foretold = 100.0 * seen[:, k] * each.financed / each.n
        low, high = np.quantile(foretold, [0.025, 0.975])
        figures = (float(share.printed), foretold.mean(), low, high, chance[k] / total if total else np.nan)
        rows.append((each.name, each.n, each.financed, *figures))
    names = ["reading", "n", "financed", "published", "mean", "low", "high", "chance"]
    return pd.DataFrame(rows, columns=names)
