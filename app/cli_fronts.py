"""The commands ``frontier`` and ``split``: what one aim costs in another, and which part of a package earns what."""

from __future__ import annotations

from typing import Annotated

import typer

from ..sim.errors import UserError
from .asking import Asked, Force, Out, Outcome
from .options import (
    EQUAL,
    PLAN_START,
    PLAN_YEARS,
    Budget,
    Draws,
    Json,
    Posterior,
    Replications,
    Seed,
    Start,
    Workers,
    Years,
)

WEIGHTS = "selection.weight_on_need=0,0.25,0.5,0.75,1"
A_LEVER = "KEY=V,V,..."


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    example = "Example: idmaj frontier continued --and advisers.mode=uniform,case_by_case --out front"
    app.command(epilog=example)(frontier)
    app.command(epilog="Example: idmaj split cooperatives+incubators --outcome live_businesses --out parts")(split)


def frontier(
    strategy: Annotated[str, typer.Argument(metavar="STRATEGY", help="What is varied: a name or a .toml file.")],
    over: Annotated[str, typer.Option("--over", metavar=A_LEVER, help="A lever and the values it takes.")] = WEIGHTS,
    and_: Annotated[
        str | None, typer.Option("--and", metavar=A_LEVER, help="A second lever: advisers.number=2,4,6.")
    ] = None,
    outcome: Outcome = "live_businesses",
    equity: Annotated[str, typer.Option("--equity", metavar="NAME", help="Who it is for.")] = "share_neediest_served",
    cost: Annotated[str, typer.Option("--cost", metavar="NAME", help="What it takes.")] = "spent",
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 25,
    replications: Replications = 2,
    seed: Seed = 1,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Find the designs that no other beats on outcome, equity and cost at once, and where their front bends."""
    from ..scenarios.questions.frontier import frontier as find
    from .answers import deliver, runner
    from .front_figures import front_pictures

    asked = Asked(
        start, years, draws, replications, seed,
        budget=budget, posterior=posterior, workers=workers, out=out, force=force,
    )  # fmt: skip
    asked.check()
    plan = asked.plan([strategy])
    levers = [lever_values(over, "--over"), *([lever_values(and_, "--and")] if and_ is not None else [])]
    if len({column for column, _ in levers}) < len(levers):
        raise UserError("--and: found the lever of --over again ({and_}); accepted another lever", and_=and_)
    own = [("--over", over), ("--and", and_), ("--outcome", outcome), ("--equity", equity), ("--cost", cost)]
    command = asked.command("frontier", [strategy], own)
    answer = find(plan.strategies[0], levers, plan, runner(asked.labour, command), outcome, equity, cost)
    deliver(answer, command, out, as_json, front_pictures)


def split(
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="A package, or 2 to 8 strategies joined by '+'.")],
    base: Annotated[str, typer.Option("--base", metavar="STRATEGY", help="What the gain is over.")] = "continued",
    outcome: Outcome = "live_businesses",
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 25,
    replications: Replications = 2,
    seed: Seed = 1,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Share a package's gain out over its parts, and name the parts that fight or help each other."""
    from ..scenarios.questions.split import split as share
    from ..scenarios.strategies import load
    from .answers import deliver, runner
    from .front_figures import split_pictures

    asked = Asked(
        start, years, draws, replications, seed,
        budget=budget, posterior=posterior, workers=workers, out=out, force=force,
    )  # fmt: skip
    asked.check()
    plan, which = asked.plan([base], "--base"), load(package)
    command = asked.command("split", [package], [("--base", base), ("--outcome", outcome)])
    answer = share(which, plan.strategies[0], plan, runner(asked.labour, command), outcome)
    deliver(answer, command, out, as_json, split_pictures)


def lever_values(text: str, option: str) -> tuple[str, list[float]]:
    """Return the column of a lever and its values, written KEY=V,V,..."""
    from ..scenarios.variants import lever_of, value_of

    key, equals, values = text.partition("=")
    if not equals or not values.strip():
        raise UserError(
            "{option}: found {text!r}, accepted a lever and its values, as in {weights}",
            option=option,
            text=text,
            weights=WEIGHTS,
        )
    column = lever_of(key.strip(), option)
    read = [value_of(column, value, option) for value in values.split(",")]
    if len(set(read)) < len(read):
        raise UserError("{option}: found a value twice in {text!r}, accepted each value once", option=option, text=text)
    if len(read) < 2:
        raise UserError("{option}: found one value in {text!r}, accepted two or more", option=option, text=text)
    return column, read
