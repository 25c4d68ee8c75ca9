"""The evaluators' commands: what would have been, whose places change, one life under two strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..scenarios.labels import dated
from ..scenarios.language import _
from ..sim.errors import UserError
from .asking import A_STRATEGY, PAST, Asked, Force, Out, command_of
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
    whole,
)
from .terminal import start_month

if TYPE_CHECKING:
    from ..scenarios.questions.answer import Answer
    from ..scenarios.questions.replay import Run
    from .answers import Figure


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(whatif)
    app.command()(why)
    app.command()(replay)


def set_of(settings: list[str]) -> dict[str, float]:
    """Return the levers that ``--set KEY=VALUE`` names, by column."""
    from ..scenarios.variants import lever_of, value_of

    found = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals:
            raise UserError("--set: found {text!r}, accepted KEY=VALUE, as in training.seats=20", text=text)
        column = lever_of(key.strip(), "--set")
        if column in found:
            raise UserError("--set: found {key} twice, accepted once", key=key.strip())
        found[column] = value_of(column, value, "--set")
    return found


def whatif(
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="[CHANGE]...", help=f"What to lay over history: {A_STRATEGY}")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A lever, over every CHANGE; alone, over history. Repeatable."),
    ] = None,
    since: Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="From when it is changed.")] = "2007-01",
    draws: Draws = 100,
    replications: Replications = 2,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    workers: Workers = None,
    posterior: Posterior = None,
    as_json: Json = False,
) -> None:
    """Say what the 53.7 % of 2017 would have been, had something been done otherwise, and if the data can tell.

    Example: idmaj whatif trade_training no_programme --set training.seats=20 --from 2007-01
    """
    from ..scenarios.questions.rewritten import MONTHS, laid_over_history
    from ..scenarios.questions.whatif import history_plan, what_if
    from .answers import deliver, runner

    asked = Asked(None, None, draws, replications, seed, posterior=posterior, workers=workers, out=out, force=force)
    asked.check()
    named, levers, month = changes or [], set_of(settings or []), start_month(since, "--from")
    if not named and not levers:
        raise UserError("CHANGE: found none, accepted a strategy (idmaj strategies list) or --set KEY=VALUE")
    if month >= MONTHS:
        raise UserError(
            "--from: found {since}, accepted a month before the evaluation, 2017-05 at the latest", since=since
        )
    changed = [laid_over_history(name, month, levers) for name in named or [PAST]]
    plan = history_plan(changed, draws, replications, seed, posterior)
    command = asked.command("whatif", named, [*(("--set", text) for text in settings or []), ("--from", since)])
    answer = what_if(plan, runner(asked.labour, command))
    deliver(answer, command, out, as_json, _whatif_figures)


def _whatif_figures(answer: Answer) -> list[Figure]:
    """Return the picture of what each change does to the share, by definition of success."""
    from ..scenarios.questions.whatif import SHARES
    from .evaluator_figures import ranges

    shares = answer.table(SHARES)
    if shares.empty:
        return []
    names = {"difference": "value", "low": "low", "high": "high", "spread_low": "least", "spread_high": "most"}
    rows = (100 * shares[list(names)]).rename(columns=names).assign(label=shares["meaning"], series=shares["change"])
    rows["label"] = rows["label"].map(_)
    caption = _(
        "By how many points the share active in May 2017 would have differed from what was done, by definition of "
        "success: thick lines are 95 % intervals of the mean, thin ones hold nine draws of ten."
    )
    axis = _("Points of the share active in May 2017, changed less done")
    return [ranges(rows, _("How the share would have differed"), caption, axis, "whatif", {_("as it was done"): 0.0})]


def why(
    first: Annotated[str, typer.Argument(metavar="A", help=f"The yardstick: {A_STRATEGY}")],
    second: Annotated[str, typer.Argument(metavar="B", help="What is to take its place.")],
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 20,
    replications: Replications = 2,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    workers: Workers = None,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    as_json: Json = False,
) -> None:
    """Say where two strategies part, and who gains and who loses a place: the same persons under the same luck.

    Example: idmaj why continued neediest_first --years 5
    """
    from ..scenarios.questions.places import why_they_differ
    from .answers import deliver, runner

    asked = Asked(
        start, years, draws, replications, seed,
        budget=budget, posterior=posterior, workers=workers, out=out, force=force,
    )  # fmt: skip
    asked.check()
    plan, command = asked.plan([first, second]), asked.command("why", [first, second])
    answer = why_they_differ(plan, runner(asked.labour, command), workers)
    deliver(answer, command, out, as_json, _why_figures)


def _why_figures(answer: Answer) -> list[Figure]:
    """Return the picture of who gains and who loses a place."""
    from .evaluator_figures import both_ways

    table = answer.tables[0].rows
    shown = table[table["group"].isin(("everybody", "sex", "need"))]
    label = [
        _("everybody") if row.member == "all"
        else _("need: {fifth}", fifth=_(row.member)) if row.group == "need"
        else _(row.member)
        for row in shown.itertuples()
    ]  # fmt: skip
    rows = shown.assign(label=label, low=shown["net_low"], high=shown["net_high"])
    caption = _("Mean persons a run who gain a place (right) and who lose one (left), and the net of both.")
    return [both_ways(rows, _("Whose places change"), caption, _("Persons a run"), "why")]


def replay(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Its folder, name, or start of its fingerprint.")],
    person: Annotated[
        int | None, typer.Option("--person", parser=whole, metavar="N", help="Whose life; else some are proposed.")
    ] = None,
    draw: Annotated[int, typer.Option("--draw", parser=whole, metavar="N", help="Which draw of the study.")] = 0,
    replication: Annotated[
        int, typer.Option("--replication", parser=whole, metavar="N", help="Which course of luck of the study.")
    ] = 0,
    strategy: Annotated[
        str | None, typer.Option("--strategy", metavar="KEY", help="Beside the first: which; else the second.")
    ] = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Tell one simulated person's life under two strategies, month by month: a run of a study, lived again.

    Example: idmaj replay idmaj-tour --replication 1 --person 42
    """
    from ..scenarios.questions import replay as lives
    from ..scenarios.shelf import find_study
    from ..scenarios.studies import open_study
    from .answers import check_out, deliver

    check_out(out, force)
    run = lives.run_of(open_study(find_study(study)), draw, replication, strategy)
    command = replay_command(study, draw, replication, strategy, person)
    if person is None:
        deliver(lives.propose(run), command, out, as_json)
    else:
        deliver(lives.replay(run, person), command, out, as_json, lambda answer: replay_figures(answer, run))


def replay_command(study: str, draw: int, replication: int, strategy: str | None, person: int | None) -> str:
    """Return the command that tells a life again."""
    own = [("--draw", draw), ("--replication", replication), ("--strategy", strategy), ("--person", person)]
    return command_of("replay", [study], own)


def replay_figures(answer: Answer, run: Run) -> list[Figure]:
    """Return the picture of a life's income under each strategy, with a dot where something happens."""
    from ..sim.policy import month_of
    from ..sim.strategy_words import FIRST_YEAR
    from .evaluator_figures import two_lives

    told, income = answer.tables[0].rows, answer.facts["income"]
    months = [month_of(month) for month in income["month"]]
    start, parted = run.study.plan.start, answer.facts["first_month_apart"]
    lines, events = {}, {}
    for key, called in zip(run.keys, run.called, strict=True):
        values = dict(zip(months, income[key], strict=True))
        happened = {month_of(row["month"]) for _at, row in told.iterrows() if row[key] not in ("-", "")}
        ahead = [month for month in months if month >= start]
        lines[called] = ([FIRST_YEAR + month / 12 for month in ahead], [values[month] for month in ahead])
        events[called] = [(FIRST_YEAR + month / 12, values[month]) for month in ahead if month in happened]
    if parted is None:
        caption = _(
            "Income from work or business during the plan, month by month; a dot where something happens. Both lives "
            "are the same throughout."
        )
    else:
        caption = _(
            "Income from work or business during the plan, month by month; a dot where something happens. They part "
            "in {month}.",
            month=dated(month_of(str(parted))),
        )
    apart = None if parted is None else FIRST_YEAR + month_of(str(parted)) / 12
    return [two_lives(lines, events, apart, _("One life under each strategy"), caption)]
