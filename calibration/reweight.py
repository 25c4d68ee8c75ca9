"""Weigh prior draws by published shares (D1): survival by closed form, a million draws in a minute.

Draws come in blocks, each a pure function of the structure, its number and the seed: any executor may do them, and
those that matter are made again when they are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.ensemble import Chunk, Crew, Tables, chunks_of, run_chunks
from ..sim.errors import UserError
from ..sim.kinds import HazardFamily
from ..sim.params import Number
from .bridge import load_bridge
from .diagnostics import ess_weights, psis
from .likelihood import Structure
from .priors import draw_priors
from .shares import Share, log_heads_at_work

Floats = NDArray[np.float64]

BLOCK = 2500
"""Draws of a block."""


@dataclass(frozen=True)
class Reweighing:
    """Work for `run_chunks`: a chunk's draw is a structure, its replications are blocks of prior draws.

    Attributes
    ----------
    structures : tuple of Structure
    numbers : dict of Number
        The model's numbers with their priors.
    shares : tuple of Share
        Published shares to agree with; none to keep the prior.
    seed : int
    """

    structures: tuple[Structure, ...]
    numbers: dict[str, Number]
    shares: tuple[Share, ...]
    seed: int

    def params(self, structure: int, block: int) -> np.recarray[Any, Any]:
        """Return the prior draws of a block."""
        return prior_of(self.structures[structure], BLOCK, self.seed + (block << 40), self.numbers)

    def __call__(self, chunk: Chunk, stopped: Callable[[], bool]) -> Tables:
        """Return log weights of some blocks, and how well each reading of each share did."""
        weights, readings = [], []
        for block in chunk.replications:
            if stopped():
                raise CancelledError
            log_weight, ways = weigh(self.params(chunk.draw, block), self.shares)
            weights.append(pd.DataFrame({"block": block, "row": np.arange(BLOCK), "log_weight": log_weight}))
            readings.append(ways)
        return {"weights": pd.concat(weights), "readings": pd.concat(readings)}

    def culprits(self, chunk: Chunk) -> Sequence[tuple[str, Callable[[], object]]]:
        """Return each block of a chunk alone."""
        return [(f"block {each}", partial(self, Chunk(chunk.draw, each, 1), bool)) for each in chunk.replications]


def prior_of(structure: Structure, draws: int, seed: int, numbers: dict[str, Number]) -> np.recarray[Any, Any]:
    """Return prior draws under a structure; without crowding nobody's income falls with the sellers of a niche."""
    params = draw_priors(draws, seed, numbers)
    params["hazard_family"] = float(structure.family)
    if not structure.crowding:
        params["saturation_gamma"] = 0.0
    return params


def weigh(params: Any, shares: Sequence[Share], heads: bool = True) -> tuple[Floats, pd.DataFrame]:
    """Return the log weight of each draw, and the summed weight of each reading of each share.

    The survey of heads at work (L001) counts too, unless it has: it says nothing of AGRs, and what the model makes
    of it is known from whole runs.
    """
    bridge = load_bridge()
    linear = bridge.linear(params)
    log_weight, rows = log_heads_at_work(linear, bridge) * float(heads), []
    reached = bridge.own_units(linear)
    for share in shares:
        chances = share.chances(params, reached)
        with np.errstate(divide="ignore"):
            found = np.log(chances.mean(axis=1))
        rows += [(share.id, each.name, float(chances[:, k].sum())) for k, each in enumerate(share.readings)]
        log_weight = log_weight + found
    return log_weight, pd.DataFrame(rows, columns=["figure", "reading", "weight"])


@dataclass(frozen=True)
class Weighed:
    """What a structure's prior draws became: equally weighted draws, how far the weights can be trusted, readings."""

    params: np.recarray[Any, Any]
    log_evidence: float
    k_hat: float
    ess: float
    readings: pd.DataFrame


def reweigh(
    work: Reweighing, draws: int, wanted: int, crew: Crew, on_progress: Callable[[int, int], None] | None = None
) -> list[Weighed]:
    """Weigh prior draws of every structure and resample them.

    Parameters
    ----------
    work : Reweighing
    draws, wanted : int
        Prior draws, and posterior draws, of each structure.
    crew : Crew
    on_progress : callable, optional
        Told how many blocks are done, of how many.

    Raises
    ------
    UserError
        If no draw of a structure agrees with the shares.
    RuntimeError
        If a block fails.
    """
    blocks = -(-draws // BLOCK)
    parts: dict[Chunk, Tables] = {}

    def keep(chunk: Chunk, tables: Tables) -> None:
        parts[chunk] = tables
        if on_progress is not None:
            on_progress(sum(each.count for each in parts), blocks * len(work.structures))

    for failure in run_chunks(work, chunks_of(len(work.structures), blocks), crew, keep):
        raise RuntimeError(f"structure {failure.chunk.draw}: {failure.error}")
    found = []
    for k in range(len(work.structures)):
        mine = [parts[chunk] for chunk in sorted(parts) if chunk.draw == k]
        table = pd.concat([each["weights"] for each in mine], ignore_index=True)
        ways = pd.concat([each["readings"] for each in mine]).groupby(["figure", "reading"], sort=False)["weight"].sum()
        log_weight = table["log_weight"].to_numpy()
        if not np.isfinite(log_weight).any():
            name = work.structures[k].name
            raise UserError(
                "{name}: no prior draw agrees with the shares; accepted: other shares, or wider --priors", name=name
            )
        weights = np.exp(log_weight - log_weight.max())
        chosen = table.iloc[resample(weights, wanted, work.seed + k)]
        evidence = float(log_weight.max() + np.log(weights.mean()))
        rows = _rows(work, k, chosen)
        trust = psis(log_weight)[1], ess_weights(log_weight)
        found.append(Weighed(rows, evidence, *trust, chances_of(ways.reset_index())))
    return found


def _rows(work: Reweighing, structure: int, chosen: pd.DataFrame) -> np.recarray[Any, Any]:
    """Make the chosen draws again."""
    parts = [work.params(structure, int(block))[rows["row"].to_numpy()] for block, rows in chosen.groupby("block")]
    return np.concatenate(parts).view(np.recarray)


def chances_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the posterior chance of each reading of each figure, from summed weights."""
    return table.assign(chance=table["weight"] / table.groupby("figure")["weight"].transform("sum"))


def resample(weights: Floats, wanted: int, seed: int) -> NDArray[np.intp]:
    """Return which draws stand, and how often, for weighted ones: evenly spaced along the running sum."""
    start = np.random.Generator(np.random.Philox(key=[seed, 11])).random()
    running = np.cumsum(weights)
    return np.searchsorted(running, (np.arange(wanted) + start) / wanted * running[-1]).clip(max=len(weights) - 1)


def agreement(params: Any, shares: Sequence[Share]) -> float:
    """Return how often, under the prior, a share would lie as far out as the published one; the least over shares.

    Two-sided, over all readings alike. Near 0: evidence and priors contradict each other.
    """
    reached, found = load_bridge()(params), [1.0]
    for share in shares:
        published = float(share.printed) / 100.0
        foretold = share.seen_shares(params, reached) * [each.financed / each.n for each in share.readings]
        below = float((foretold <= published).mean())
        found.append(2.0 * min(below, 1.0 - below))
    return min(found)


DEFAULT_FAMILIES = (HazardFamily.WEIBULL, HazardFamily.GOMPERTZ, HazardFamily.LOG_LOGISTIC)


def structures_of(every: bool) -> tuple[Structure, ...]:
    """Return the rival structures: three families with crowding and without, or all five families."""
    families = tuple(HazardFamily) if every else DEFAULT_FAMILIES
    return tuple(Structure(family, crowding) for family in families for crowding in (True, False))
