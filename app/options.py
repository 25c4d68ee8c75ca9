"""The options that commands which run strategies share, and what was asked with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..scenarios.language import _
from ..sim.errors import UserError

if TYPE_CHECKING:
    from ..sim.ensemble import Crew

PLAN_START = "2026-01"
PLAN_YEARS = 10
MOST_YEARS = 40
MOST_DRAWS = 1000
"""As many as a fit keeps (`idmaj.calibration.posterior.KEPT`)."""
MOST_RUNS = 1_000_000
MOST_WORKERS = 4096
FEWEST_RUNS_UNTIL = 30
MOST_RUNS_UNTIL = 2000
"""Runs at most of a search for precision, unless more are allowed."""
LARGEST_SEED = 2**32 - 1
EQUAL = "equal"


def whole(text: str) -> int:
    """Read a whole number, or say what was found."""
    try:
        return int(text)
    except ValueError as error:
        raise typer.BadParameter(_("found {text!r}, accepted a whole number", text=text)) from error


def decimal(text: str) -> float:
    """Read a number, or say what was found: a comma is what half of the readers write."""
    try:
        return float(text)
    except ValueError as error:
        said = _("found {text!r}, accepted a number, decimals with a point, as 0.8", text=text)
        raise typer.BadParameter(said) from error


Years = Annotated[
    int, typer.Option("--years", parser=whole, metavar="N", help=f"Length of the plan, 1 to {MOST_YEARS} years.")
]
Start = Annotated[str, typer.Option("--start", metavar="YYYY-MM", help="Month in which the strategies part.")]
Draws = Annotated[
    int, typer.Option("--draws", parser=whole, metavar="N", help="Guesses at what nobody knows exactly, 1 to 1000.")
]
Replications = Annotated[
    int, typer.Option("--replications", parser=whole, metavar="N", help="Courses of luck under each guess.")
]
Seed = Annotated[
    int, typer.Option("--seed", parser=whole, metavar="N", help="Seed of all luck: the same seed, the same numbers.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder of the study; else one of its own.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the study that is in the folder.")]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", parser=whole, metavar="N", help="Runs at a time; all cores by default. Changes no number."
    ),
]
Processes = Annotated[
    bool, typer.Option("--processes", help="Workers in processes of their own: one that dies takes no other with it.")
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="A Dask cluster: tcp://HOST:PORT, or its scheduler file."),
]
Hindsight = Annotated[bool, typer.Option("--hindsight", help="Use refugee stocks published after the start, too.")]
Budget = Annotated[
    str,
    typer.Option(
        "--budget",
        metavar="WORD",
        help="'equal': what a lever costs is taken from the budget, a yearly ceiling; 'additional': what staff and "
        "services cost more than the first strategy's comes on top of it.",
    ),
]
Posterior = Annotated[
    Path | None,
    typer.Option("--posterior", metavar="DIR", help="A fit of yours (idmaj calibrate --out DIR), not the bundled one."),
]
Traces = Annotated[bool, typer.Option("--traces", help="Keep every monthly outcome of every run.")]
Shard = Annotated[
    str | None, typer.Option("--shard", metavar="I/N", help="Do one part of N, to be merged: idmaj study merge.")
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="TEXT",
        help="Add runs until a difference (of one strategy: a mean) is known so closely: 'live_businesses +- 5'.",
    ),
]
AtMost = Annotated[
    int, typer.Option("--at-most", parser=whole, metavar="N", help="Runs at most with --until; says if not enough.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many runs, how long, how big.")]
Json = Annotated[bool, typer.Option("--json", help="Print the same numbers as JSON and nothing else.")]


@dataclass(frozen=True)
class Labour:
    """Who is to do the work; changes no number."""

    workers: int | None = None
    processes: bool = False
    cluster: str | None = None

    def check(self) -> None:
        """Refuse what cannot be, before anything is computed."""
        if self.workers is not None:
            within("--workers", self.workers, 1, MOST_WORKERS)
        if self.cluster is not None and (self.processes or self.workers is not None):
            other = "--processes" if self.processes else "--workers"
            raise UserError(
                "--cluster: found {other} beside it; accepted one of them: a cluster has its own workers", other=other
            )

    def crew(self) -> Crew:
        """Return the workers."""
        from ..sim.ensemble import cluster, processes, threads

        if self.cluster is not None:
            return cluster(self.cluster)
        return processes(self.workers) if self.processes else threads(self.workers)


@dataclass(frozen=True)
class Order:
    """What was asked of a command besides its strategies."""

    name: str
    start: str
    years: int
    draws: int
    replications: int
    seed: int
    out: Path | None
    force: bool
    hindsight: bool
    budget: str
    as_json: bool
    labour: Labour = Labour()
    traces: bool = False
    shard: str | None = None
    until: str | None = None
    at_most: int = MOST_RUNS_UNTIL
    dry_run: bool = False
    posterior: Path | None = None

    def check(self) -> None:
        """Refuse numbers out of range and options that contradict each other, before anything is computed."""
        within("--years", self.years, 1, MOST_YEARS)
        within("--draws", self.draws, 1, MOST_DRAWS)
        within("--replications", self.replications, 1, MOST_RUNS)
        within("--seed", self.seed, 0, LARGEST_SEED)
        within("--at-most", self.at_most, 1 if self.until is None else FEWEST_RUNS_UNTIL, MOST_DRAWS * MOST_RUNS)
        self.labour.check()
        if self.shard is not None:
            from ..scenarios.shelf import shard_of

            shard_of(self.shard)
            if self.until is not None:
                raise UserError("--shard: found --until beside it; a shard cannot know when all runs are enough")
            if self.out is None:
                raise UserError("--shard: found no --out; accepted: --out DIR, the folder that is to be merged")


def within(option: str, value: int, low: int, high: int) -> None:
    """Refuse a number out of range."""
    if not low <= value <= high:
        raise UserError(
            "{option}: found {value}, accepted a whole number from {low} to {high}",
            option=option,
            value=value,
            low=low,
            high=high,
        )
