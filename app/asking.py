"""What commands that answer questions are asked besides their own question, in one way for all of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..scenarios.language import _
from ..sim.errors import UserError
from .options import EQUAL, LARGEST_SEED, MOST_DRAWS, MOST_RUNS, MOST_YEARS, Labour, within
from .terminal import start_month

if TYPE_CHECKING:
    from ..scenarios.experiment import Plan
    from ..sim.policy import Strategy

A_STRATEGY = "a name of the catalogue or a .toml file; several joined by + for all of them together."
PAST = "historical"
FIRST_PLAN = 12
"""January 2008: a plan needs a year of known refugee stocks to go on from."""
LAST_PLAN = 12 * 34
"""January 2041: a later plan would rest on years that nobody can speak of."""

Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for page, facts and tables.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the answer that is in the folder.")]
Outcome = Annotated[
    str, typer.Option("--outcome", metavar="NAME", help="By which they are judged (idmaj explain outcomes).")
]
Option = tuple[str, object]
"""An option of the command line and its value; nothing is said of one that is None or False."""


@dataclass(frozen=True)
class Asked:
    """The options that all these commands share; None where a command has no such option.

    `fewest` is how many draws the question needs.
    """

    start: str | None
    years: int | None
    draws: int | None
    replications: int | None
    seed: int
    _: KW_ONLY
    budget: str = EQUAL
    hindsight: bool = False
    posterior: Path | None = None
    workers: int | None = None
    out: Path | None = None
    force: bool = False
    fewest: int = 1

    def check(self) -> None:
        """Refuse what cannot be, before anything is computed."""
        from ..calibration.knowledge import check_fit
        from .answers import check_out

        for option, value, low, high in (
            ("--years", self.years, 1, MOST_YEARS),
            ("--draws", self.draws, self.fewest, MOST_DRAWS),
            ("--replications", self.replications, 1, MOST_RUNS),
            ("--seed", self.seed, 0, LARGEST_SEED),
        ):
            if value is not None:
                within(option, value, low, high)
        if self.start is not None and not FIRST_PLAN <= self.month < LAST_PLAN:
            raise UserError("--start: found {start}, accepted a month from 2008-01 to 2040-12", start=self.start)
        check_budget(self.budget)
        self.labour.check()
        if self.posterior is not None:
            check_fit(self.posterior)
        check_out(self.out, self.force)

    @property
    def month(self) -> int:
        """Month in which the plan starts, counted from January 2007."""
        return start_month(self.start or "")

    @property
    def labour(self) -> Labour:
        """Who is to do the work."""
        return Labour(self.workers)

    def plan(self, names: Iterable[str], option: str = "STRATEGY") -> Plan:
        """Return the plan of some strategies, named by an option."""
        from ..scenarios.experiment import Plan
        from ..scenarios.strategies import load

        loaded = strategies_of(names, option)
        numbers = {name: getattr(self, name) for name in ("years", "draws", "replications", "seed")}
        more = {"hindsight": self.hindsight, "budget": self.budget, "posterior": self.posterior}
        return Plan(loaded, load(PAST), self.month, **numbers, **more)

    def command(self, name: str, arguments: Sequence[str], options: Iterable[Option] = ()) -> str:
        """Return the command that gives the same answer again, ready to be pasted; `options` are its own."""
        numbers = [(f"--{each}", getattr(self, each)) for each in ("start", "years", "draws", "replications", "seed")]
        budget = ("--budget", None if self.budget == EQUAL else self.budget)
        shared = [*numbers, ("--hindsight", self.hindsight), budget, ("--posterior", self.posterior)]
        return command_of(name, arguments, [*options, *shared])


def strategies_of(names: Iterable[str], option: str) -> tuple[Strategy, ...]:
    """Return strategies that an option names; a future alone is none."""
    from ..scenarios.strategies import load

    loaded = tuple(load(name) for name in names)
    for each in loaded:
        if each.future:
            hint = _("accepted a strategy, or one with it: continued+{key}", key=each.key)
            raise UserError("{option}: found {key!r}, a future; {hint}", option=option, key=each.key, hint=hint)
    return loaded


def command_of(name: str, arguments: Sequence[str], options: Iterable[Option]) -> str:
    """Return a command as one types it."""
    words = ["idmaj", name, *arguments]
    for option, value in options:
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            words += [option, f"{value:.15g}" if isinstance(value, float) else str(value)]
    return shlex.join(words)


def check_budget(word: str) -> None:
    """Refuse a word that is no way to pay for levers."""
    from ..scenarios.experiment import BUDGETS

    if word not in BUDGETS:
        raise UserError("--budget: found {word!r}, accepted {names}", word=word, names=_(" or ").join(BUDGETS))
