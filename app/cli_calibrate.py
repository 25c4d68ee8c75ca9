"""The commands ``calibrate`` and ``cache``: numbers that agree with history, and what is kept on disk for them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..sim.errors import UserError
from .terminal import console, print_json, progress

if TYPE_CHECKING:
    from ..calibration.engine import Asked
    from ..sim.ensemble import Crew

MOST = 1_000_000
LARGEST_SEED = 2**32 - 1


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(calibrate)
    app.command()(cache)


def calibrate(
    quick: Annotated[bool, typer.Option("--quick", help="The same, coarser: a first look.")] = False,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="Spells, cohort tables or figures; 'published' for what comes with idmaj. Several: again, or with +.",
        ),
    ] = None,
    targets: Annotated[
        Path | None, typer.Option("--targets", metavar="FILE", help="Published figures in place of those of idmaj.")
    ] = None,
    priors: Annotated[Path | None, typer.Option("--priors", metavar="FILE", help="Priors of your own.")] = None,
    structures: Annotated[
        str, typer.Option("--structures", metavar="WORD", help="'default': three families of hazards; 'all': five.")
    ] = "default",
    engine: Annotated[
        str, typer.Option("--engine", metavar="WORD", help="'auto', 'likelihood', 'reweighting' or 'table'.")
    ] = "auto",
    draws: Annotated[
        int | None, typer.Option("--draws", metavar="N", help="Prior draws of each structure that are weighed.")
    ] = None,
    runs: Annotated[
        int | None, typer.Option("--runs", metavar="N", help="With --engine table: whole runs.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of draws and luck.")] = 2017,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the fit is written.")] = Path("idmaj-fit"),
    force: Annotated[bool, typer.Option("--force", help="Replace the fit that is there.")] = False,
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", help="Runs at a time.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON, nothing else.")] = False,
) -> None:
    """Fit the model to what was published or to a register of yours, and say what that tells and what it cannot.

    A calibration that was stopped goes on when the same command is given again.

    Example: idmaj calibrate --data published+register.csv --out my-fit
    """
    for option, value in (("--runs", runs), ("--workers", workers), ("--draws", draws)):
        if value is not None and not 1 <= value <= MOST:
            raise UserError(f"{option}: found {value}; accepted: a whole number from 1 to {MOST}")
    if not 0 <= seed < LARGEST_SEED:
        raise UserError(f"--seed: found {seed}; accepted: a whole number from 0 to {LARGEST_SEED - 1}")
    if structures not in ("default", "all"):
        raise UserError(f"--structures: found {structures}; accepted: default or all")
    from ..calibration.engine import PUBLISHED, Asked
    from ..sim.ensemble import threads

    evidence = tuple(data or (PUBLISHED,))
    asked = Asked(evidence, targets, priors, structures == "all", draws or 0, seed, engine, runs, quick)
    _by_evidence(asked, out, force, threads(workers), as_json)


def _by_evidence(asked: Asked, out: Path, force: bool, crew: Crew, as_json: bool) -> None:
    """Fit every structure to the evidence, write the posterior, and say what was found."""
    from ..calibration import engine
    from ..calibration.hindcast import hindcast
    from ..calibration.posterior_files import check_folder, write_posterior
    from ..calibration.reference_table import RUNS, minutes_of
    from ..sim.ensemble import available_cores

    ready = engine.prepare(asked)
    check_folder(out, force)
    if ready.engine == "table":
        takes = minutes_of(asked.runs or RUNS, min(crew.workers, available_cores()))
        print(f"{takes}; those that are there already are not done again", file=sys.stderr)
    with progress("calibrating", 1) as tick:
        posterior = engine.calibrate(asked, out, crew, lambda doing, done, total: tick(done, total), ready)
    with progress("replaying history", 1) as tick:
        lived = hindcast(posterior.draws(), asked.seed, crew, tick)
    table = write_posterior(out, posterior, asked, lived)
    says = posterior.says()
    if as_json:
        about = {"folder": str(out), "engine": posterior.engine, "why": posterior.why, "weighing": posterior.weighing}
        found = {"structures": posterior.structures(), "parameters": table, "readings": posterior.readings}
        found |= {"definitions": lived.definitions, "historical": lived.historical}
        words = {name: {"directions_identified": rank, "says": told} for name, (rank, told) in says.items()}
        tables = {name: _rows(rows) for name, rows in found.items()}
        print_json(about | tables | {"directions": words, "notes": list(posterior.notes)})
        return
    screen = console()
    screen.print(f"engine: {posterior.engine}, because {posterior.why}\n")
    screen.print(posterior.structures().round(3).to_string(index=False, na_rep=""))
    screen.print(f"\n{posterior.weighing}")
    overall = table[(table.structure == "all") & (table.label != "prior-driven")].drop(columns="structure")
    screen.print("\nWhat the evidence says something about; every other parameter is its prior:")
    screen.print(overall.sort_values("contraction", ascending=False).round(3).to_string(index=False, na_rep=""))
    if len(posterior.readings):
        screen.print("\nHow likely each way to read a published share is:")
        screen.print(posterior.readings[["figure", "reading", "active", "chance"]].round(3).to_string(index=False))
    screen.print("\nShare active in May 2017, as whole runs have it under each definition:")
    screen.print(lived.definitions.drop(columns="definition").round(3).to_string(index=False))
    heaviest = max(posterior.fitted, key=lambda each: each.weight).structure.name
    rank, told = says[heaviest]
    screen.print(f"\n{heaviest}: the evidence identifies {rank} directions (those of the others stand in fitted.toml)")
    for line in told:
        screen.print(f"  {line}")
    for note in posterior.notes:
        screen.print(f"note: {note}")
    screen.print(f"\nwritten to {out}")


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove it; what is needed again is made anew.")] = False,
) -> None:
    """Say where compiled code and tables of whole runs are kept and how big they are; or remove them.

    Example: idmaj cache --clear
    """
    from ..calibration.reference_table import PREFIX
    from ..sim.rule import cache_root

    root = cache_root()
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) if root.exists() else 0
    console().print(f"{root}: {size / 1e6:.1f} MB")
    if clear and root.exists():
        for folder in (*root.glob("compiled-*"), *root.glob(f"{PREFIX}*")):
            shutil.rmtree(folder, ignore_errors=True)
        console().print("cleared")


def _rows(table: Any) -> list[dict[str, Any]]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]
