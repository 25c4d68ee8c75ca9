"""The evaluators' commands on what is not known: which numbers move an answer, and what is worth knowing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..scenarios.language import _, many
from ..sim.errors import UserError
from . import wording
from .asking import A_STRATEGY, Asked, Force, Out, Outcome
from .options import (
    EQUAL,
    PLAN_START,
    PLAN_YEARS,
    Budget,
    Draws,
    DryRun,
    Json,
    Posterior,
    Replications,
    Seed,
    Start,
    Workers,
    Years,
    decimal,
    whole,
    within,
)
from .terminal import console, print_json, progress

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.questions.answer import Answer
    from ..scenarios.questions.designed import Designed
    from ..scenarios.questions.worth import Price
    from .answers import Figure

def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(sensitivity)
    app.command("worth-knowing")(worth_knowing)


def sensitivity(
    strategy: Annotated[str, typer.Argument(metavar="STRATEGY", help=f"Whose outcome: {A_STRATEGY}")],
    base: Annotated[str | None, typer.Argument(metavar="[BASE]", help="What it gains on this one, instead.")] = None,
    outcome: Outcome = "live_businesses",
    method: Annotated[str, typer.Option("--method", metavar="WORD", help="morris screens, sobol splits.")] = "morris",
    numbers: Annotated[
        str | None, typer.Option("--numbers", metavar="A,B,...", help="Which numbers vary; all that have a prior.")
    ] = None,
    trajectories: Annotated[
        int, typer.Option("--trajectories", parser=whole, metavar="N", help="Size of a Morris screening.")
    ] = 10,
    base_sample: Annotated[
        int, typer.Option("--base", parser=whole, metavar="N", help="Base sample of Sobol indices, a power of two.")
    ] = 1024,
    replications: Replications = 1,
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    workers: Workers = None,
    budget: Budget = EQUAL,
    dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """Say which numbers move an outcome, or what one strategy gains on another; luck is one of them.

    Example: idmaj sensitivity case_by_case continued --numbers fit_gain,failure_level --trajectories 10
    """
    from ..scenarios.questions.designed import Designed
    from ..scenarios.questions.sensitivity import LEAST, design_of, numbers_of, too_small, what_moves_it
    from ..scenarios.questions.worth import check_outcome
    from .answers import deliver

    asked = Asked(start, years, None, replications, seed, budget=budget, workers=workers, out=out, force=force)
    asked.check()
    within("--seed", seed, 1, 2**31)
    if method not in LEAST:
        raise UserError("--method: found {method!r}, accepted {names}", method=method, names=_(" or ").join(LEAST))
    check_outcome(outcome)
    named = [name.strip() for name in numbers.split(",")] if numbers is not None else []
    vary, size = numbers_of(named, method), trajectories if method == "morris" else base_sample
    names = [strategy, *([base] if base else [])]
    plan = asked.plan(names)
    small = too_small(method, size, len(vary))
    design = design_of(method, vary, LEAST[method] if small else size, seed)
    work = Designed.of(plan, design, outcome)
    if small:
        raise UserError(
            "{found}; {runs:,} runs, {time}", found=small[0], runs=small[1], time=_time(work, small[1], asked)
        )
    if dry:
        _say_dry(work, asked, as_json)
        return
    how = ("--trajectories" if method == "morris" else "--base", size)
    own = [("--outcome", outcome), ("--method", method), ("--numbers", numbers), how]
    command = asked.command("sensitivity", names, own)
    with progress("Simulating", len(work.luck)) as advance:
        answer = what_moves_it(work, design, workers, advance)
    deliver(answer, command, out, as_json, lambda answer: _sensitivity_figures(answer, method))


def _time(work: Designed, runs: int, asked: Asked) -> str:
    """Say how long so many runs take here."""
    from ..sim.ensemble import available_cores

    hands = min(asked.workers or available_cores(), available_cores())
    workers = many("{n} worker", "{n} workers", hands)
    return _("about {time} with {workers}", time=spoken(work.seconds() * runs / hands), workers=workers)


def spoken(seconds: float) -> str:
    """Write a time in words."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return many("{n} minute", "{n} minutes", round(seconds / 60))
    return many("{n} hour", "{n} hours", round(seconds / 3600))


def _say_dry(work: Designed, asked: Asked, as_json: bool) -> None:
    said = _time(work, len(work.luck), asked)
    if as_json:
        print_json({"runs": len(work.luck), "takes": said})
        return
    runs = many("{n} run", "{n} runs", len(work.luck))
    console().print(_("{runs}: {takes}. Nothing was kept.", runs=runs, takes=said), soft_wrap=True)


def _sensitivity_figures(answer: Answer, method: str) -> list[Figure]:
    """Return the picture of effects, or of shares of the variance, with luck's own as a line."""
    from .evaluator_figures import MOST_ROWS, ranges

    table = answer.tables[0].rows
    luck = table[table["number"] == "luck"].iloc[0]
    label = [_number_said(name) for name in table["number"]]
    if method == "morris":
        rows = table.assign(label=label, value=table["effect"])[table["number"] != "luck"]
        caption = _(
            "Mean size of a step across each number's 90 % range, with 95 % interval; the first {most}.", most=MOST_ROWS
        )
        unit = str(answer.facts["unit"])
        axis = _("Step in the answer, {unit}", unit=_(unit))
        marks = {_("luck alone"): float(luck["effect"])}
        return [ranges(rows, _("What moves it most"), caption, axis, "morris", marks)]
    parts = [
        pd_rows.assign(label=label, series=words)
        for which, words in (("total", _("with interactions")), ("first", _("by itself")))
        for pd_rows in [_renamed(table, which)]
    ]
    import pandas as pd

    caption = _("Share of the variance that each number accounts for, by itself and with interactions; 95 % intervals.")
    title, axis = _("What its variance comes from"), _("Share of the variance")
    return [ranges(pd.concat(parts), title, caption, axis, "sobol")]


def _number_said(name: str) -> str:
    """Return what a number of the model is called: by its name in English, else by what it means."""
    from ..scenarios.labels import meaning_of
    from ..scenarios.language import ENGLISH
    from ..scenarios.language import spoken as language_spoken
    from ..sim import NUMBERS

    return wording.label(name) if language_spoken() is ENGLISH or name not in NUMBERS else meaning_of(name)


def _renamed(table: pd.DataFrame, which: str) -> pd.DataFrame:
    names = {which: "value", f"{which}_low": "low", f"{which}_high": "high"}
    return table[list(names)].rename(columns=names)


def worth_knowing(
    strategies: Annotated[list[str], typer.Argument(metavar="STRATEGY...", help=f"Two or more: {A_STRATEGY}")],
    outcome: Outcome = "live_businesses",
    value: Annotated[
        float | None,
        typer.Option(
            "--value-per-business",
            parser=decimal,
            metavar="MAD",
            help="What one more is worth; spending is then taken off.",
        ),
    ] = None,
    survey_cost: Annotated[
        str | None, typer.Option("--survey-cost", metavar="FIXED,EACH", help="MAD of a survey, and of each owner.")
    ] = None,
    sizes: Annotated[str, typer.Option("--sizes", metavar="N,N,...", help="Past owners asked.")] = "30,60,120,240,480",
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 200,
    replications: Replications = 2,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    workers: Workers = None,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    as_json: Json = False,
) -> None:
    """Say what to collect before choosing, what it is worth, and whether a survey of past owners pays.

    Example: idmaj worth-knowing continued no_programme --value-per-business 80000 --survey-cost 50000,800
    """
    from ..scenarios.decisions.information import FEWEST_DRAWS
    from ..scenarios.questions.worth import ADVISED_DRAWS, check_outcome, what_is_worth_knowing
    from .answers import deliver, runner

    asked = Asked(
        start, years, draws, replications, seed,
        budget=budget, posterior=posterior, workers=workers, out=out, force=force,
    )  # fmt: skip
    asked.check()
    check_outcome(outcome)
    if len(strategies) < 2:
        raise UserError("STRATEGY: found one, accepted two or more: where nothing is chosen, to know changes nothing")
    if draws < FEWEST_DRAWS:
        raise UserError(
            "--draws: found {draws}, accepted {fewest_draws} or more; {advised_draws} are advised",
            draws=draws,
            fewest_draws=FEWEST_DRAWS,
            advised_draws=ADVISED_DRAWS,
        )
    price, asked_sizes = _price(value, survey_cost), _sizes(sizes)
    plan = asked.plan(strategies)
    own = [("--outcome", outcome), ("--value-per-business", value), ("--survey-cost", survey_cost), ("--sizes", sizes)]
    command = asked.command("worth-knowing", strategies, own)
    answer = what_is_worth_knowing(plan, runner(asked.labour, command), outcome, price, asked_sizes, workers)
    deliver(answer, command, out, as_json, _worth_figures)


def _price(value: float | None, survey_cost: str | None) -> Price:
    """Return what a unit is worth and what a survey costs."""
    from ..scenarios.questions.worth import Price

    if value is not None and not 0.0 < value < 1e12:
        raise UserError("--value-per-business: found {value:g}, accepted MAD above 0", value=value)
    if survey_cost is None:
        return Price(value)
    try:
        fixed, each = (float(part) for part in survey_cost.split(","))
    except ValueError as error:
        found = _(
            "--survey-cost: found {survey_cost!r}, accepted two amounts in MAD, as in 50000,800",
            survey_cost=survey_cost,
        )
        raise UserError(found) from error
    if not (0.0 <= fixed < 1e12 and 0.0 <= each < 1e12):
        raise UserError("--survey-cost: found {survey_cost!r}, accepted amounts of 0 or more", survey_cost=survey_cost)
    return Price(value, fixed, each)


def _sizes(text: str) -> list[int]:
    try:
        found = sorted({int(part) for part in text.split(",")})
    except ValueError as error:
        raise UserError("--sizes: found {text!r}, accepted whole numbers, as in 60,120,240", text=text) from error
    if found[0] < 10:
        raise UserError("--sizes: found {found}, accepted 10 owners or more", found=found[0])
    return found


def _worth_figures(answer: Answer) -> list[Figure]:
    """Return the pictures of what to collect, and of surveys by size."""
    from .evaluator_figures import ranges

    groups, surveys = answer.tables[0].rows, answer.tables[1].rows
    unit, found = groups["unit"].iloc[0], []
    kept = groups[~groups["below_floor"]]
    if len(kept):
        rows = kept.assign(label=kept["what"].map(_))
        caption = many(
            "Worth of knowing all that a piece of evidence would tell, with 95 % intervals; {n} other shows no more "
            "than pure noise would.",
            "Worth of knowing all that a piece of evidence would tell, with 95 % intervals; {n} others show no more "
            "than pure noise would.",
            len(groups) - len(kept),
        )
        marks = {_("to know everything"): float(answer.facts["evpi"])}
        found.append(ranges(rows, _("What to collect first"), caption, _(unit), "worth", marks))
    told = surveys[~surveys["below_floor"]]
    if len(told):
        rows = told.assign(label=[many("{n} past owner", "{n} past owners", int(n)) for n in told["n"]])
        if "net" in told:
            rows = rows.assign(value=told["net"], low=told["net_low"], high=told["net_high"])
        else:
            rows = rows.assign(value=told["evsi"])
        if "net" in told:
            caption = _("Worth of a tracer survey by how many are asked, less its cost, with 95 % intervals.")
        else:
            caption = _("Worth of a tracer survey by how many are asked, whatever it costs, with 95 % intervals.")
        found.append(ranges(rows, _("A survey of past owners"), caption, _(unit), "survey", {_("nothing"): 0.0}))
    return found


