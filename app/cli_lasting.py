"""The command ``lasting``: how long the projects of a study last, and how they end."""

from __future__ import annotations

from typing import Annotated

import typer

from .asking import Force, Out, command_of
from .cli_study import Which, open_kept
from .options import Json, whole, within

EXAMPLE = "idmaj lasting idmaj-tour --runs 10"
RUNS, MOST = 1000, 100_000


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=f"Example: {EXAMPLE}")(lasting)


def lasting(
    which: Which,
    runs: Annotated[int, typer.Option("--runs", parser=whole, metavar="N", help="Runs to look at, at most.")] = RUNS,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Say how long projects last under each strategy, and how they end: survival and cumulative-incidence curves."""
    from ..scenarios.questions.lasting import lasting as answer_of
    from ..scenarios.questions.reading import called
    from .answers import check_out, deliver
    from .lasting_figures import lasting_figures

    within("--runs", runs, 1, MOST)
    check_out(out, force)
    study = open_kept(which)
    answer = answer_of(study.results(), runs)
    command = command_of("lasting", [which], [("--runs", runs)])
    deliver(answer, command, out, as_json, lambda found: lasting_figures(found, called(study.plan)))
