"""The commands ``calibrate`` and ``cache``: numbers that agree with history, and what is kept on disk for them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..scenarios.language import ENGLISH, _, later, looked_up, spoken, written
from ..sim.errors import UserError
from .terminal import console, print_json, progress, table_text
from .validation_words import in_words

if TYPE_CHECKING:
    import pandas as pd

    from ..calibration.engine import Asked
    from ..calibration.hindcast import Hindcast
    from ..calibration.posterior import Posterior
    from ..sim.ensemble import Crew

MOST = 1_000_000
LARGEST_SEED = 2**32 - 1
HEADS = {
    "structure": later("structure"),
    "weight": later("weight"),
    "log_score": later("log score"),
    "p_value": later("p value"),
    "k_hat": "k-hat",
    "r_hat": "R-hat",
    "least_ess": later("least ESS"),
    "parameter": later("parameter"),
    "unit": later("unit"),
    "prior_low": later("prior low"),
    "prior_median": later("prior median"),
    "prior_high": later("prior high"),
    "low": later("low"),
    "median": later("median"),
    "high": later("high"),
    "contraction": later("contraction"),
    "label": later("what moved it"),
    "bulk_ess": later("bulk ESS"),
    "tail_ess": later("tail ESS"),
    "figure": later("figure"),
    "reading": later("reading"),
    "active": later("active"),
    "chance": later("chance"),
    "meaning": later("meaning"),
    "mean": later("mean"),
}
"""Heads of the tables that are printed, where English is not spoken, by the columns of the files that are written."""


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
    runs: Annotated[int | None, typer.Option("--runs", metavar="N", help="With --engine table: whole runs.")] = None,
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
            raise UserError(
                "{option}: found {value}; accepted: a whole number from 1 to {most}",
                option=option,
                value=value,
                most=MOST,
            )
    if not 0 <= seed < LARGEST_SEED:
        raise UserError(
            "--seed: found {seed}; accepted: a whole number from 0 to {most}", seed=seed, most=LARGEST_SEED - 1
        )
    if structures not in ("default", "all"):
        raise UserError("--structures: found {structures}; accepted: default or all", structures=structures)
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
        print(_("{takes}; those that are there already are not done again", takes=takes), file=sys.stderr)
    with progress(later("calibrating"), 1) as tick:
        posterior = engine.calibrate(asked, out, crew, lambda doing, done, total: tick(done, total), ready)
    with progress(later("replaying history"), 1) as tick:
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
    _say(posterior, table, lived, says, out)


def _say(
    posterior: Posterior, table: pd.DataFrame, lived: Hindcast, says: dict[str, tuple[int, list[str]]], out: Path
) -> None:
    """Print what was found; sentences that the fit keeps, in its files, are in English in every language."""
    from .explain import unit_of

    screen = console()
    screen.print(_("engine: {engine}, because {why}", engine=posterior.engine, why=posterior.why) + "\n")
    structures = posterior.structures().round(3)
    structures["structure"] = structures["structure"].map(_called)
    screen.print(table_text(structures, HEADS, na_rep=""))
    screen.print(f"\n{posterior.weighing}")
    overall = table[(table.structure == "all") & (table.label != "prior-driven")].drop(columns="structure")
    screen.print("\n" + _("What the evidence says something about; every other parameter is its prior:"))
    overall = overall.sort_values("contraction", ascending=False).round(3)
    overall["unit"] = overall["unit"].map(unit_of)
    screen.print(table_text(overall, HEADS, na_rep=""))
    if len(posterior.readings):
        screen.print("\n" + _("How likely each way to read a published share is:"))
        readings = posterior.readings[["figure", "reading", "active", "chance"]].round(3)
        readings["reading"] = readings["reading"].map(in_words)
        screen.print(table_text(readings, HEADS))
    screen.print("\n" + _("Share active in May 2017, as whole runs have it under each definition:"))
    screen.print(table_text(lived.definitions.drop(columns="definition").round(3), HEADS))
    heaviest = max(posterior.fitted, key=lambda each: each.weight).structure.name
    rank, told = says[heaviest]
    identified = _(
        "{structure}: the evidence identifies {count} directions (those of the others stand in fitted.toml)",
        structure=_called(heaviest), count=rank,
    )  # fmt: skip
    screen.print(f"\n{identified}")
    for line in told:
        screen.print(f"  {line}")
    for note in posterior.notes:
        screen.print(_("note: {note}", note=note))
    screen.print("\n" + _("written to {folder}", folder=out))


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
    console().print(_("{folder}: {number} MB", folder=root, number=written(f"{size / 1e6:.1f}")))
    if clear and root.exists():
        for folder in (*root.glob("compiled-*"), *root.glob(f"{PREFIX}*")):
            shutil.rmtree(folder, ignore_errors=True)
        console().print(_("cleared"))


def _called(structure: str) -> str:
    """Return the name of a structure: not in English as people say it."""
    return structure if spoken() is ENGLISH else looked_up(structure.replace("_", "-"))


def _rows(table: Any) -> list[dict[str, Any]]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]
