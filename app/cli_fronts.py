"""The commands ``frontier`` and ``split``: what one aim costs in another, and which part of a package earns what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..sim.errors import UserError
from .options import (
    EQUAL,
    PLAN_START,
    PLAN_YEARS,
    Budget,
    Draws,
    Force,
    Json,
    Labour,
    Order,
    Posterior,
    Replications,
    Seed,
    Start,
    Workers,
    Years,
)

if TYPE_CHECKING:
    from ..scenarios.experiment import Plan

Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the page, figures and tables.")]
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
    outcome: Annotated[str, typer.Option("--outcome", metavar="NAME", help="What one wants.")] = "live_businesses",
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
    from .answers import check_out, deliver, runner

    labour = Labour(workers)
    numbers = (start, years, draws, replications, seed, out, force, False, budget, as_json, labour)
    plan = _plan(strategy, Order("frontier", *numbers, posterior=posterior), "STRATEGY")
    levers = [_lever(over, "--over"), *([_lever(and_, "--and")] if and_ is not None else [])]
    if len({column for column, _ in levers}) < len(levers):
        raise UserError(f"--and: found the lever of --over again ({and_}); accepted another lever")
    check_out(out, force)
    extra = f" --over {over}" + (f" --and {and_}" if and_ is not None else "")
    extra += f" --outcome {outcome} --equity {equity} --cost {cost}"
    command = _line("frontier", strategy, extra, plan)
    answer = find(plan.strategies[0], levers, plan, runner(labour, command), outcome, equity, cost)
    figures = []
    if out is not None:
        from .front_figures import front_pictures

        figures = front_pictures(answer)
    deliver(answer, command, out, as_json, figures)


def split(
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="A package, or 2 to 8 strategies joined by '+'.")],
    base: Annotated[str, typer.Option("--base", metavar="STRATEGY", help="What the gain is over.")] = "continued",
    outcome: Annotated[str, typer.Option("--outcome", metavar="NAME", help="The gain in what.")] = "live_businesses",
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
    from .answers import check_out, deliver, runner

    labour = Labour(workers)
    numbers = (start, years, draws, replications, seed, out, force, False, budget, as_json, labour)
    plan = _plan(base, Order("split", *numbers, posterior=posterior), "--base")
    which = load(package)
    check_out(out, force)
    command = _line("split", package, f" --base {base} --outcome {outcome}", plan)
    answer = share(which, plan.strategies[0], plan, runner(labour, command), outcome)
    figures = []
    if out is not None:
        from .front_figures import split_pictures

        figures = split_pictures(answer)
    deliver(answer, command, out, as_json, figures)


def _plan(strategy: str, order: Order, option: str) -> Plan:
    """Check what both commands share, and return a plan of the one strategy that they begin from."""
    from ..scenarios.strategies import load
    from .cli_run import _plan as plan_of

    if load(strategy).future:
        raise UserError(
            f"{option}: found {strategy!r}, a future; accepted a strategy, or one with it: continued+{strategy}"
        )
    return plan_of((strategy,), order)


def _lever(text: str, option: str) -> tuple[str, list[float]]:
    """Read a lever and its values."""
    from ..scenarios.variants import lever_of, value_of

    key, equals, values = text.partition("=")
    if not equals or not values.strip():
        raise UserError(f"{option}: found {text!r}, accepted a lever and its values, as in {WEIGHTS}")
    column = lever_of(key.strip(), option)
    read = [value_of(column, value, option) for value in values.split(",")]
    if len(set(read)) < len(read):
        raise UserError(f"{option}: found a value twice in {text!r}, accepted each value once")
    if len(read) < 2:
        raise UserError(f"{option}: found one value in {text!r}, accepted two or more")
    return column, read


def _line(name: str, what: str, extra: str, plan: Plan) -> str:
    """Return the command that gives the same answer."""
    import shlex

    from ..sim.policy import month_name

    line = f"idmaj {name} {shlex.quote(what)}{extra} --start {month_name(plan.start)} --years {plan.years}"
    line += f" --draws {plan.draws} --replications {plan.replications} --seed {plan.seed} --budget {plan.budget}"
    return line + (f" --posterior {shlex.quote(str(plan.posterior))}" if plan.posterior is not None else "")
