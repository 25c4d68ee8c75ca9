"""How much of a package's gain each of its parts earns, and which parts fight or help each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ...sim import OUTCOMES, UserError
from ...sim.outcomes import RATIOS
from ...sim.policy import Strategy, combine, own_layers
from ..decisions.split import MOST, Split, coalitions
from ..decisions.split import split as shared_out
from ..estimates import estimate
from ..experiment import Plan
from ..language import _, later, listed, looked_up
from ..results import Experiment
from . import reading
from .answer import Answer, Runner, Table

OWN, NONE = later("its own settings"), later("none of them")
SCARCE = {
    "hours_missing": (1.0, later("adviser hours")),
    "places_unfilled": (1.0, later("applicants")),
    "projects_started": (-1.0, later("money and places for projects")),
}
"""What parts may fight for: an outcome that shows it, and whether it then is higher or lower together than apart."""


@dataclass(frozen=True)
class Package:
    """A package in parts: each adds its layers to the base, over which any futures are laid."""

    name: str
    base: Strategy
    parts: tuple[Strategy, ...]
    futures: tuple[Strategy, ...]
    whole: Strategy
    own: bool

    @property
    def levers(self) -> list[str]:
        """Names of the parts as people call them; what the package's own file sets comes last."""
        return [part.name for part in self.parts] + ([OWN] if self.own else [])


def package_of(which: Strategy, base: Strategy) -> Package:
    """Take a package apart.

    Raises
    ------
    UserError
        If it is no package, has more than `MOST` parts, or its parts do not each add something to the base.
    """
    parts, futures = _apart(which)
    under, more = _apart(base)
    futures = tuple({each.key: each for each in (*futures, *more)}.values())
    base = combine(under) if len(under) > 1 else under[0] if under else base
    whole, own = which, False
    if len(parts) == 1:
        whole = parts[0]
        own = any(change.values for layer in own_layers(whole) for change in layer.changes)
        parts, inner = _members(whole)
        futures = (*futures, *(each for each in inner if each not in futures))
    if len(parts) < 2:
        hint = _("a package, as idmaj strategies list shows them, or several strategies joined by '+'")
        raise UserError("PACKAGE: found {key!r}, which combines no others; accepted {hint}", key=which.key, hint=hint)
    count = len(parts) + own
    if count > MOST:
        raise UserError(
            "PACKAGE: found {count} parts in {key!r}, accepted at most {most}: each set of parts is a "
            "strategy, and there are {total:,} of them; put parts that go together into a file "
            "(combines = [...])",
            count=count,
            key=which.key,
            most=MOST,
            total=2**count,
        )
    _check(parts, base)
    return Package(which.name, base, parts, futures, whole, own)


def _apart(strategy: Strategy) -> tuple[tuple[Strategy, ...], tuple[Strategy, ...]]:
    """Return the strategies and the futures that were joined by '+'; of one file, the file itself."""
    if own_layers(strategy) or not strategy.below:
        return (strategy,), ()
    return _members(strategy)


def _members(strategy: Strategy) -> tuple[tuple[Strategy, ...], tuple[Strategy, ...]]:
    below = strategy.below
    return tuple(each for each in below if not each.future), tuple(each for each in below if each.future)


def _check(parts: Sequence[Strategy], base: Strategy) -> None:
    """Refuse parts that share something which the base lacks, or that add nothing to it."""
    adds = {part.name: [layer for layer in part.layers if layer not in base.layers] for part in parts}
    empty = [name for name, layers in adds.items() if not layers]
    if empty:
        raise UserError(
            "--base: found {key!r}, which has {empty!r} already; accepted a base without any part",
            key=base.key,
            empty=empty[0],
        )
    every = [layer for layers in adds.values() for layer in layers]
    shared = [layer for layer in every if every.count(layer) > 1]
    if shared:
        raise UserError(
            "--base: found {key!r}, without {shared!r} on which several parts build, so that what it "
            "does could not be told from theirs; accepted {shared!r}, or a strategy that builds on it",
            key=base.key,
            shared=shared[0].key,
        )


def strategies_of(package: Package) -> dict[frozenset[str], Strategy]:
    """Return the strategy of each set of parts, none of them first."""
    part_of = {part.name: part for part in package.parts}
    found = {}
    for chosen in coalitions(package.levers):
        names = [name for name in package.levers if name in chosen]
        parts = [package.base, *(part_of[name] for name in names if name != OWN), *package.futures]
        strategy = combine(parts) if len(parts) > 1 else package.base
        if OWN in chosen:
            layers = (*strategy.layers, *own_layers(package.whole))
            strategy = Strategy(f"{strategy.key}+own", strategy.name, strategy.why, layers, (strategy,))
        found[chosen] = replace(strategy, name=" + ".join(names) or f"{package.base.name}, {NONE}")
    return found


def split(which: Strategy, base: Strategy, plan: Plan, run: Runner, outcome: str = "live_businesses") -> Answer:
    """Share a package's gain out over its parts by Shapley's rule, and name the parts that fight or help each other.

    Parameters
    ----------
    which : Strategy
        A package: what its file combines, or what was joined by '+'. Futures in it are laid over every design.
    base : Strategy
        What the gain is over.
    plan : Plan
        Past, start, years, draws, replications, seed; its strategies are replaced by all sets of parts.
    run : Runner
    outcome : str
        One of `OUTCOMES`.

    Returns
    -------
    Answer
    """
    better = 1.0 if reading.wanted(outcome, "--outcome") == "more" else -1.0
    reading.enough_runs(plan)
    package = package_of(which, base)
    strategies = strategies_of(package)
    study = run(replace(plan, strategies=tuple(strategies.values())))
    members = {strategy.key: chosen for chosen, strategy in strategies.items()}
    told = [outcome, *(name for name in SCARCE if name != outcome)]
    table = reading.outcomes_table(study, told)
    per = {outcome: RATIOS[outcome]} if outcome in RATIOS else None
    found = shared_out(table, package.levers, members, outcome, per)
    pairs = interactions(found, table, package.levers, members, better)
    turned = by_structure(found, reading.structures(study))
    return _answer(package, found, pairs, turned, study, outcome)


def interactions(
    found: Split, table: pd.DataFrame, levers: Sequence[str], members: Mapping[str, frozenset[str]], better: float
) -> pd.DataFrame:
    """Return the interactions with ``over``: what the parts of a pair that fights run short of together.

    That is read from outcomes that show it (`SCARCE`), named there as an interaction is named in the outcome itself.
    """
    rows = found.interactions.copy()
    if better < 0:  # of waiting, less together than apart is help
        rows["sign"] = rows["sign"].replace({"fight": "help", "help": "fight"})
    short: dict[frozenset[str], list[str]] = {}
    for name, (direction, word) in SCARCE.items():
        if name not in set(table["outcome"]):
            continue
        for row in shared_out(table, levers, members, name).interactions.itertuples():
            if row.named and direction * row.index > 0:
                short.setdefault(frozenset((row.lever, row.other)), []).append(_(word))
    fights = rows["sign"] == "fight"
    over = [listed(short.get(frozenset(pair), [])) for pair in zip(rows["lever"], rows["other"], strict=True)]
    rows["over"] = [word if fight else "" for word, fight in zip(over, fights, strict=True)]
    return rows


def by_structure(found: Split, members: Mapping[str, set[int]]) -> pd.DataFrame:
    """Return each part's share under each structure: ``structure, draws, lever, share, low, high, turns``.

    ``turns``: the interval there leaves out zero on the other side than the overall one does.
    """
    rows = []
    overall = found.shares.set_index("lever")
    for member, draws in members.items():
        mine = found.by_draw[found.by_draw["draw"].isin(draws)]
        for lever in overall.index:
            here = estimate(mine[[lever]].to_numpy())
            low, high = overall.loc[lever, "low"], overall.loc[lever, "high"]
            turns = bool((low > 0 and here.high < 0) or (high < 0 and here.low > 0))
            rows.append((member, len(mine), lever, here.mean, here.low, here.high, turns))
    return pd.DataFrame(rows, columns=["structure", "draws", "lever", "share", "low", "high", "turns"])


def _answer(
    package: Package, found: Split, pairs: pd.DataFrame, turned: pd.DataFrame, study: Experiment, outcome: str
) -> Answer:
    gain, named = found.gain, pairs[pairs["named"].astype(bool)]
    facts = {
        "outcome": outcome,
        "unit": OUTCOMES[outcome].unit,
        "gain": gain.mean,
        "gain_low": gain.low,
        "gain_high": gain.high,
        "base": package.base.key,
        "parts": package.levers,
        "fights": [f"{row.lever} / {row.other}" for row in named.itertuples() if row.sign == "fight"],
        "helps": [f"{row.lever} / {row.other}" for row in named.itertuples() if row.sign == "help"],
        "strategies": len(study.plan.strategies),
    }
    tables = (
        Table(later("What each part earns"), _(_SHARES), found.shares),
        Table(later("Which parts fight or help"), _(_PAIRS), pairs),
        Table(
            later("Shares by structure of the model"),
            _("The same under each hazard family, and with and without crowding."),
            turned,
        ),
    )
    question = _(
        "How much of what {package} changes in {outcome} does each of its parts earn?",
        package=looked_up(package.name), outcome=reading.told(outcome),
    )  # fmt: skip
    rests = [
        f"{reading.luck(study.plan)} {_('Seed {seed}.', seed=study.plan.seed)} {reading.budget(study.plan)}",
        _(
            "{count} strategies: every set of {parts} parts, over {base}.",
            count=2 ** len(package.levers), parts=len(package.levers), base=looked_up(package.base.name),
        ),
        *(
            _("{future} is laid over all of them: what may come is no part.", future=_(future.name))
            for future in package.futures
        ),
    ]  # fmt: skip
    return Answer(
        question, _sentence(package, found, named, outcome), facts, tables, tuple(rests),
        tuple(_mind(found, turned, study, outcome)), (study,),
    )  # fmt: skip


def _sentence(package: Package, found: Split, named: pd.DataFrame, outcome: str) -> str:
    gain = found.gain
    total = reading.change(gain.mean, gain.low, gain.high, outcome)
    order = found.shares.sort_values("share", key=abs, ascending=False)
    parts = [
        _(
            "{part} {change}",
            part=looked_up(row.lever), change=reading.change(row.share, row.low, row.high, outcome),
        )
        for row in order.itertuples()
    ]  # fmt: skip
    said = [
        _(
            "{package} changes {outcome} by {change} over {base}: {parts}.",
            package=looked_up(package.name), outcome=reading.told(outcome), change=total,
            base=looked_up(package.base.name), parts=_("; ").join(parts),
        )
    ]  # fmt: skip
    if gain.low <= 0 <= gain.high:
        said.append(_("Whether it changes them at all cannot be told."))
    said += [_pair(row, outcome) for row in named.itertuples()]
    if named.empty:
        said.append(_("No two parts surely fight or help each other."))
    return " ".join(said)


def _pair(row: Any, outcome: str) -> str:
    """Say how two parts fight or help each other, and for what they fight."""
    about = {"part": looked_up(row.lever), "other": looked_up(row.other), "over": row.over}
    about["change"] = reading.change(row.index, row.low, row.high, outcome)
    if row.sign != "fight":
        return _("{part} and {other} help each other: together {change} against apart.", **about)
    if row.over:
        return _("{part} and {other} fight for the same {over}: together {change} against apart.", **about)
    return _("{part} and {other} fight: together {change} against apart.", **about)


def _mind(found: Split, turned: pd.DataFrame, study: Experiment, outcome: str) -> list[str]:
    dead = [row.lever for row in found.shares.itertuples() if row.interval == "all equal" and row.share == 0]
    said = [
        _("{part} changes nothing in {outcome} in any run.", part=looked_up(lever), outcome=reading.told(outcome))
        for lever in dead
    ]
    for row in turned[turned["turns"].astype(bool)].itertuples():
        said.append(
            _(
                "Under {structure} what {part} earns is clearly of the other sign.",
                structure=_(row.structure), part=looked_up(row.lever),
            )
        )  # fmt: skip
    if turned.empty:
        said.append(_("Whether shares depend on how the model is built cannot be told from so few draws."))
    said += [
        _(
            "A share is an average over all orders of adding the parts: what a part gives alone, or last, is in the "
            "table."
        ),
        _("What two parts run short of together is read from outcomes that move with it; it is a sign, no proof."),
        _("What a part costs and how strongly it acts is mostly judgement (docs/LIMITS.md)."),
    ]
    return [*reading.few(study.plan), *said]


_SHARES = later(
    "share: Shapley's, with a 95 % interval over draws; shares add up to the whole change. of_gain: as a part of it, "
    "where it is surely not zero. alone: with no other part. last: what is lost without it alone."
)
_PAIRS = later(
    "index: what two parts give together beyond what each gives, averaged over which others are there, with a 95 % "
    "interval. named: clear of zero for all pairs at once, and a tenth of the whole change. over: what runs short."
)
