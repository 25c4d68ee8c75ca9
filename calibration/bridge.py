"""From whole runs to closed forms: what businesses live through that no register records.

The failure hazard of a business rests on its household's margin, which nobody wrote down; so do closings by force,
by insolvency and for a job. A few thousand replays of history under prior draws say how these depend on the
numbers of the model: log-linear regressions, written to `bridge.csv` with how well they do. With them the share
still active follows from a formula, for a million draws in seconds, and what a register tells is turned into numbers
of the model. `python -m idmaj.calibration.bridge` makes the file again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.errors import UserError, worded
from ..sim.history import EVALUATION_MONTH
from ..sim.kinds import Ending, HazardFamily
from ..sim.params import NUMBERS
from . import hazards
from .observables import seen_active
from .priors import SCALES, Z95, draw_priors
from .stamp import code_stamp, staleness

Floats = NDArray[np.float64]
HERE = Path(__file__).parent
BRIDGE = "bridge.csv"
RUNS, SEED = 4000, 1956
PROBES = 4
MADE_BY = ("bridge", "hazards", "observables", "priors")
"""Modules of `calibration` that the regressions follow from besides the model."""
FEWEST_STANDARD_ERRORS = 3.5
"""Coefficients nearer to zero are left out: of some 200 hardly one passes by chance."""
LEARNED = tuple(name for name, number in NUMBERS.items() if number.shape != "fixed")
OF_CROWDING = ("saturation_gamma", "niche_host_sellers", "niche_slack", "host_exit_elasticity")
"""Numbers that act through crowding alone."""
LEAST = 1e-6


def _logit(share: Any) -> Any:
    held = np.clip(share, LEAST, 1.0 - LEAST)
    return np.log(held / (1.0 - held))


def _expit(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


TARGETS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], str]] = {
    "margin": (np.positive, np.positive, "log mean failure hazard ratio of what no register holds"),
    "population": (np.positive, np.positive, "the same with the traits of those who were financed"),
    "spread": (np.log, np.exp, "spread between businesses of that log ratio"),
    "left": (np.log, np.exp, "owners who left, per year of business"),
    "job": (np.log, np.exp, "owners who took a job, per year of business"),
    "forced": (np.log, np.exp, "closings by force, per year of business"),
    "other": (np.log, np.exp, "insolvencies and entries into cooperatives, per year of business"),
    "found": (np.log, np.exp, "active share that the evaluator sees, against the true one"),
    "left_out": (np.log, np.exp, "the same where owners who were lost are left out"),
    "heads_at_work": (_logit, _expit, "heads of household at work in February 2020, share"),
}
"""What is learned from runs: how it is made linear and back, and what it means."""


def unrecorded(history: Any) -> dict[str, float]:
    """Return what one replayed history says of `TARGETS`, over all projects financed by the evaluation."""
    table = history.businesses
    mine = table[(table.assisted == 1) & (table.opened <= EVALUATION_MONTH) & (table.age > 0) & (table.wear > 0.0)]
    mine = mine[mine.cooperative < 0]
    lived = hazards.cumulative(mine.age / 12.0, history.params)[0]
    offset = np.log(mine.wear / np.maximum(lived, LEAST)) - mine.frailty
    years = max(float(mine.age.sum()) / 12.0, 1.0)
    monthly = history.monthly
    seen, true = (float(monthly[name][EVALUATION_MONTH]) for name in ("active_share", "active_share_true"))
    endings = np.bincount(mine.ending, minlength=len(Ending))
    return {
        "margin": float(np.log(np.exp(offset).mean())),
        "population": float(np.log(np.exp(offset + mine.frailty).mean())),
        "spread": float(offset.std()),
        # A third, so that a run without one has a logarithm too: the median of a rare count is near its mean less that.
        "left": (float(endings[Ending.OWNER_LEFT]) + 1 / 3) / years,
        "job": float(mine.job_wear.sum()) / years,
        "forced": float(mine.forced_wear.sum()) / years,
        "other": (float(endings[Ending.INSOLVENT] + endings[Ending.JOINED_COOPERATIVE]) + 1 / 3) / years,
        "found": seen / max(true, LEAST),
        "left_out": seen_active(history, EVALUATION_MONTH, left_out=True) / max(true, LEAST),
        "active_share": seen,
        "active_share_true": true,
        "heads_at_work": float(monthly.heads_at_work[-1]),
    }


def features(params: Any) -> pd.DataFrame:
    """Return what the regressions look at, per draw.

    Every learned number in standard deviations of its prior, the family, whether there is crowding, and each number
    times the slope on margin, through which most of them act on failure. Without crowding its own numbers are nil.
    """
    crowding = (params["saturation_gamma"] > 0.0).astype(float)
    found: dict[str, Floats] = {"one": np.ones(len(params)), "crowding": crowding}
    for name in LEARNED:
        number = NUMBERS[name]
        there = SCALES[number.shape][0]
        low, median, high = (float(there(np.array(each))) for each in (number.low, number.median, number.high))
        with np.errstate(divide="ignore"):
            z = (there(params[name]) - median) * 2.0 * Z95 / (high - low)
        found[name] = np.where(crowding > 0.0, z, 0.0) if name in OF_CROWDING else z
    for family in list(HazardFamily)[1:]:
        found[family.name.lower()] = (params["hazard_family"] == family).astype(float)
    slope = found["hazard_slope_on_margin"]
    found |= {f"{name} x slope": found[name] * slope for name in (*LEARNED, "crowding")}
    return pd.DataFrame(found)


@dataclass(frozen=True)
class Bridge:
    """Regressions of `TARGETS`: coefficients (features, targets), residual spread and share explained of each."""

    coefficients: pd.DataFrame
    residual: pd.Series
    explained: pd.Series

    def linear(self, params: Any) -> pd.DataFrame:
        """Return the targets of each draw where they are linear."""
        table = features(params)
        return pd.DataFrame(table.to_numpy() @ self.coefficients.loc[table.columns].to_numpy(), columns=list(TARGETS))

    def __call__(self, params: Any) -> pd.DataFrame:
        """Return the targets of each draw in their own units."""
        return self.own_units(self.linear(params))

    @staticmethod
    def own_units(linear: pd.DataFrame) -> pd.DataFrame:
        """Return targets that are linear in their own units."""
        return pd.DataFrame({name: back(linear[name]) for name, (_, back, _) in TARGETS.items()})


def learn(params: Any, runs: pd.DataFrame) -> Bridge:
    """Regress what runs said on the numbers they ran under; what chance may have given is left out."""
    table = features(params)
    x = table.to_numpy()
    solved, residual, explained = {}, {}, {}
    for name, (there, _, _) in TARGETS.items():
        y = there(runs[name].to_numpy())
        kept = np.ones(x.shape[1], dtype=bool)
        for _ in range(3):
            inverse = np.linalg.pinv(x[:, kept].T @ x[:, kept])
            beta = inverse @ x[:, kept].T @ y
            left = y - x[:, kept] @ beta
            errors = np.sqrt(np.diag(inverse) * left.var())
            strong = np.abs(beta) >= FEWEST_STANDARD_ERRORS * np.maximum(errors, 1e-12)
            strong[0] = True
            kept[np.flatnonzero(kept)[~strong]] = False
        beta = np.linalg.lstsq(x[:, kept], y, rcond=None)[0]
        left = y - x[:, kept] @ beta
        solved[name] = np.zeros(x.shape[1])
        solved[name][kept] = beta
        residual[name], explained[name] = float(left.std()), 1.0 - float(left.var() / y.var())
    coefficients = pd.DataFrame(solved, index=table.columns)
    return Bridge(coefficients, pd.Series(residual), pd.Series(explained))


def prior_with_and_without(draws: int, seed: int) -> np.recarray[Any, Any]:
    """Return prior draws, every other one without crowding."""
    params = draw_priors(draws, seed)
    params["saturation_gamma"][1::2] = 0.0
    return params


def write_bridge(bridge: Bridge, path: Path = HERE / BRIDGE) -> None:
    """Write the regressions."""
    from ..sim.store import whole_file

    quality = pd.DataFrame({"residual spread": bridge.residual, "share explained": bridge.explained}).T
    kept = bridge.coefficients[(bridge.coefficients != 0.0).any(axis=1)]
    table = pd.concat([quality, kept]).rename_axis("feature").reset_index()
    about = {"code": code_stamp(MADE_BY), "probe": probe()}
    lines = ["# Made by 'python -m idmaj.calibration.bridge'; do not edit.", f"# {json.dumps(about, sort_keys=True)}"]
    text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    whole_file(path, ("\n".join(lines) + "\n" + text).encode())


def probe() -> list[float]:
    """Return what a few runs say of the targets: the same as long as the model behaves the same."""
    from ..sim.ensemble import threads
    from .replays import replay

    return [float(x) for x in replay(prior_with_and_without(PROBES, SEED), SEED, threads(1), None, unrecorded).sum()]


def bridge_staleness(path: Path = HERE / BRIDGE) -> str:
    """Say that the model behaves otherwise than when the regressions were made; nothing where it does not.

    Code that has changed is looked at by living a few of the same runs again: a change of words moves no number.
    """
    try:
        about = json.loads(path.read_text(encoding="utf-8").splitlines()[1].removeprefix("# "))
        changed = staleness(about["code"])
        if not changed or np.allclose(probe(), about["probe"], rtol=1e-6):
            return ""
    except (OSError, ValueError, KeyError, IndexError, TypeError) as problem:
        changed = f"stale: it does not say what it was made by ({problem})"
    return f"closed forms rest on {path.name}, which is {changed}; 'python -m idmaj.calibration.bridge' makes it again"


@cache
def load_bridge(path: Path = HERE / BRIDGE) -> Bridge:
    """Return the regressions that come with idmaj.

    Raises
    ------
    UserError
        If the file is missing or is not of this version.
    """
    try:
        table = pd.read_csv(path, comment="#", index_col="feature")[list(TARGETS)]
    except (OSError, ValueError, KeyError) as problem:
        again = worded("'python -m idmaj.calibration.bridge' makes it")
        raise UserError(
            "{path}: cannot be read ({problem}); {again}", path=path, problem=problem, again=again
        ) from problem
    from ..sim.params import default_params

    names = features(default_params()).columns
    strange = sorted(set(table.index[2:]) - set(names))
    if strange:
        raise UserError(
            "{path}: found {strange}, accepted the numbers of this version", path=path, strange=", ".join(strange)
        )
    coefficients = table.iloc[2:].reindex(names).fillna(0.0)
    return Bridge(coefficients, table.loc["residual spread"], table.loc["share explained"])


def main() -> None:
    """Replay, learn, and write `bridge.csv`; say how well the closed form does."""
    from ..sim.ensemble import threads
    from .replays import replay

    params = prior_with_and_without(RUNS, SEED)

    def tell(done: int, total: int) -> None:
        if done % 100 == 0:
            print(f"{done} of {total}", file=sys.stderr)

    bridge = learn(params, replay(params, SEED, threads(), tell, unrecorded))
    write_bridge(bridge)
    print(pd.DataFrame({"spread": bridge.residual, "explained": bridge.explained}).round(3).to_string())


if __name__ == "__main__":
    main()
