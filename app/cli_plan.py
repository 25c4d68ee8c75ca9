"""The command ``plan``: the staff and cash that a strategy takes, month by month, as a workbook too."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..scenarios.language import reason
from ..sim.errors import UserError
from .asking import A_STRATEGY, Asked, Force, Out
from .options import (
    PLAN_START,
    PLAN_YEARS,
    Draws,
    Hindsight,
    Json,
    Posterior,
    Replications,
    Seed,
    Start,
    Workers,
    Years,
    decimal,
)

EXAMPLE = "idmaj plan case_by_case --budget 3000000 --years 5 --xlsx plan.xlsx"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=f"Example: {EXAMPLE}")(plan)


def plan(
    strategy: Annotated[str, typer.Argument(metavar="STRATEGY", help=A_STRATEGY.capitalize())],
    budget: Annotated[
        float | None,
        typer.Option("--budget", parser=decimal, metavar="MAD", help="A year, of 2016; by default the strategy's own."),
    ] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Write it as a workbook, too.")] = None,
    start: Start = PLAN_START,
    years: Years = PLAN_YEARS,
    draws: Draws = 100,
    replications: Replications = 2,
    seed: Seed = 1,
    hindsight: Hindsight = False,
    posterior: Posterior = None,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Plan staff, grants, courses, rooms and cash of a strategy by month and year, with 10 to 90 % of runs."""
    from ..scenarios.questions.budget_plan import budget_plan, with_budget
    from .answers import deliver, known_of, runner
    from .plan_figures import plan_pictures
    from .workbook import write_workbook

    asked = Asked(
        start, years, draws, replications, seed, hindsight=hindsight, posterior=posterior, workers=workers, out=out,
        force=force,
    )  # fmt: skip
    asked.check()
    _check_file(xlsx, out, force)
    wanted = with_budget(replace(asked.plan([strategy]), traces=True), budget)
    command = asked.command("plan", [strategy], [("--budget", budget)])
    answer = budget_plan(wanted, runner(asked.labour, command))
    deliver(answer, command, out, as_json, plan_pictures)
    if xlsx is not None:  # after the page, which takes the place of its whole folder
        write_workbook(xlsx, answer, command, known_of(answer))


def _check_file(xlsx: Path | None, out: Path | None, force: bool) -> None:
    """Refuse a file that cannot be a workbook, before anything is computed; it may lie in the folder of the page."""
    if xlsx is None:
        return
    if xlsx.suffix.lower() != ".xlsx":
        raise UserError("--xlsx: found {name!r}, accepted a name that ends in .xlsx", name=xlsx.name)
    try:
        taken = xlsx.exists()
    except OSError as error:
        raise UserError("--xlsx {xlsx}: {why}; accepted: a file", xlsx=xlsx, why=reason(error)) from error
    if xlsx.is_dir() or xlsx == out:
        raise UserError("--xlsx {xlsx}: found a folder; accepted: the name of a file", xlsx=xlsx)
    if taken and not force:
        raise UserError("--xlsx {xlsx}: is there already; accepted: another name, or --force to replace it", xlsx=xlsx)
    if not xlsx.parent.is_dir() and xlsx.parent != out:
        raise UserError(
            "--xlsx {xlsx}: found no folder {parent}; accepted: a file in a folder that is there",
            xlsx=xlsx,
            parent=xlsx.parent,
        )
    if not os.access(xlsx.parent if xlsx.parent.is_dir() else Path.cwd(), os.W_OK):
        raise UserError("--xlsx {xlsx}: the folder cannot be written; accepted: a file in one that can", xlsx=xlsx)
