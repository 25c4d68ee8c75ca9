"""What is worth knowing before choosing between strategies, and whether a survey of past owners is worth its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ...sim import NUMBERS, OUTCOMES, UserError
from ...sim.outcomes import RATIOS
from ..decisions.benefits import Benefits, benefits_of
from ..decisions.information import FEWEST_DRAWS, Worth, evpi, worth_knowing
from ..decisions.surveys import Survey, survey_of
from ..experiment import Inputs, Plan, prepare
from ..labels import strategy as called_strategy
from ..labels import within_sentence
from ..language import _, later, listed, written
from ..numbers import plain, span
from .answer import Answer, Runner, Table
from .evidence_groups import GROUPS
from .tracer import tracer_surveys

SIZES = (30, 60, 120, 240, 480)
ADVISED_DRAWS = 1000
"""Below so many the floor of noise hides what is worth little: see docs/DECISIONS.md."""
MONEY = "MAD 2016"
FIRST, SURVEYS, SINGLE, STRATEGIES = (
    later("What to collect first"), later("A tracer survey of past owners"), later("Single numbers"),
    later("Strategies"),
)  # fmt: skip


@dataclass(frozen=True)
class Price:
    """What a unit of the outcome is worth, and what a survey costs; None where nobody said.

    Attributes
    ----------
    per_unit : float or None
        MAD 2016 for one more of the outcome; strategies are then judged by that less what they spend.
    fixed, per_owner : float or None
        MAD 2016 of a survey, and of each owner asked.
    """

    per_unit: float | None = None
    fixed: float | None = None
    per_owner: float | None = None

    def __post_init__(self) -> None:
        if self.fixed is not None and self.per_unit is None:
            raise UserError(
                "--survey-cost: found no --value-per-business beside it; accepted both: money and "
                "businesses cannot be compared without what one is worth in the other"
            )

    def of(self, asked: int) -> float:
        """Return what a survey of so many costs; 0 where nobody said."""
        return (self.fixed or 0.0) + (self.per_owner or 0.0) * asked


def check_outcome(outcome: str, option: str = "--outcome") -> None:
    """Refuse an outcome that cannot be added up, or of which nobody says whether more is better."""
    from ...sim.strategy_words import did_you_mean

    able = [name for name, item in OUTCOMES.items() if item.better != 0 and name not in RATIOS]
    if outcome not in able:
        near, names = did_you_mean(outcome, able), ", ".join(able)
        accepted = _("{text}; {hint}", text=names, hint=near) if near else names
        raise UserError(
            "{option}: found {outcome!r}, accepted one of {accepted}", option=option, outcome=outcome, accepted=accepted
        )


def what_is_worth_knowing(
    plan: Plan,
    run: Runner,
    outcome: str = "live_businesses",
    price: Price = Price(),
    sizes: Sequence[int] = SIZES,
    workers: int | None = None,
) -> Answer:
    """Rank what to collect before choosing between the strategies of a plan.

    Parameters
    ----------
    plan : Plan
        Of two strategies or more and 50 draws or more.
    run : Runner
    outcome : str
        By which strategies are judged.
    price : Price
    sizes : sequence of int
        Of the tracer surveys that are tried.
    workers : int, optional

    Raises
    ------
    UserError
        If there are too few draws or strategies, or the outcome cannot be judged by.
    """
    check_outcome(outcome)
    if len(plan.keys) < 2:
        raise UserError("STRATEGY: found one, accepted two or more: where nothing is chosen, to know changes nothing")
    if plan.draws < FEWEST_DRAWS:
        raise UserError(
            "--draws: found {draws}, accepted {fewest_draws} or more; {advised_draws} are advised",
            draws=plan.draws,
            fewest_draws=FEWEST_DRAWS,
            advised_draws=ADVISED_DRAWS,
        )
    found = run(plan)
    inputs = prepare(found.plan)
    benefits = benefits_for(found.ends([outcome, "spent_discounted"]), outcome, price)
    everything = evpi(benefits)
    ranked = worth_knowing(benefits, numbers_of(inputs), GROUPS)
    survey = survey_of(benefits, tracer_surveys(plan, inputs, sizes, workers), price.of)
    groups = ranked[ranked["kind"] == "group"].drop(columns=["kind", "says"]).reset_index(drop=True)
    single = ranked[(ranked["kind"] == "number") & ~ranked["below_floor"]]
    called = {strategy.key: called_strategy(strategy.name) for strategy in plan.strategies}
    best = called[benefits.best()]
    tables = (
        Table(FIRST, _("What it would be worth to know everything that a piece of evidence would tell, at best; no "
                       "figure where pure noise might show as much."), groups),
        Table(SURVEYS, _("What a survey of n past owners would be worth, asked at the start of the plan; evsi: what it "
                         "tells, net: less its cost."), _survey_table(survey, price)),
        Table(SINGLE, _("Numbers worth knowing by themselves; those not named show no more than noise would."),
              single.drop(columns=["kind", "says", "below_floor"]).reset_index(drop=True)),
        Table(STRATEGIES, _("What each is worth on average."), _means(benefits, called)),
    )  # fmt: skip
    return Answer(
        _("What is worth knowing before choosing between {strategies}?", strategies=_listed(list(called.values()))),
        f"{_everything(everything, best)} {_first(groups)} {survey_sentence(survey, price)}",
        _facts(everything, benefits, groups, survey, price, outcome),
        tables,
        _rests(plan, outcome, price),
        (*_above(groups, survey), *_mind(plan, price)),
        (found,),
    )  # fmt: skip


def _rests(plan: Plan, outcome: str, price: Price) -> tuple[str, ...]:
    judged = _("Judged by {outcome}.", outcome=within_sentence(outcome))
    if price.per_unit:
        judged = _(
            "Judged by {outcome}, at {amount} MAD each, less what is spent (your figure).",
            outcome=within_sentence(outcome), amount=plain(price.per_unit),
        )  # fmt: skip
    return (
        _(
            "{draws} draws of the numbers nobody knows exactly, {replications} courses of luck each, whose blur is "
            "taken out; one choice, made once, for the whole plan.",
            draws=written(str(plan.draws)), replications=written(str(plan.replications)),
        ),
        judged,
        _(
            "Surveys are simulated from the model's own past under each draw; which evidence tells which numbers is "
            "judgement."
        ),
    )  # fmt: skip


def benefits_for(ends: pd.DataFrame, outcome: str, price: Price) -> Benefits:
    """Return what each strategy is worth in each draw: in the outcome's unit, or in money less what is spent."""
    item = OUTCOMES[outcome]
    if price.per_unit is not None:
        return benefits_of(ends, outcome, MONEY, item.better * price.per_unit, "spent_discounted")
    return benefits_of(ends, outcome, item.unit, float(item.better))


def numbers_of(inputs: Inputs) -> pd.DataFrame:
    """Return the numbers of each draw: a row a draw."""
    table = pd.DataFrame({name: inputs.params[name].astype(float) for name in NUMBERS})
    return table.rename_axis("draw")


def survey_sentence(survey: Survey, price: Price) -> str:
    """Say whether a survey of past owners pays."""
    if price.fixed is not None or survey.table["below_floor"].all():
        return survey.says
    row = survey.table.loc[survey.table["smoothed"].idxmax()]
    about = {
        "owners": written(f"{row['n']:.0f}"), "worth": plain(row["smoothed"]), "unit": _(row["unit"]),
        "interval": span(plain(row["low"]), plain(row["high"])),
    }  # fmt: skip
    if price.per_unit:
        return _(
            "A tracer survey of {owners} past owners is worth {worth} {unit} ({interval}): it pays if it costs less; "
            "--survey-cost tells.",
            **about,
        )
    return _(
        "A tracer survey of {owners} past owners is worth {worth} {unit} ({interval}): it pays if it costs less than "
        "that, times what one is worth to you; --survey-cost tells.",
        **about,
    )


def _everything(everything: Worth, best: str) -> str:
    if everything.value == 0.0:
        return _(
            "'{strategy}' is best under every draw: to know more before choosing would change nothing.", strategy=best
        )
    return _(
        "Today one would choose '{strategy}'. To know everything first would be worth {worth} {unit} ({interval}): no "
        "study can be worth more.",
        strategy=best, worth=plain(everything.value), unit=_(everything.unit),
        interval=span(plain(everything.low), plain(everything.high)),
    )  # fmt: skip


def _first(groups: pd.DataFrame) -> str:
    worth = groups[~groups["below_floor"]]
    if worth.empty:
        return _("Of no single piece of evidence can more worth be shown than pure noise would.")
    row = worth.iloc[0]
    return _(
        "Collect this first: {what}; it is worth {worth} {unit} at best ({interval}).",
        what=_(row["what"]), worth=plain(row["value"]), unit=_(row["unit"]),
        interval=span(plain(row["low"]), plain(row["high"])),
    )  # fmt: skip


def _survey_table(survey: Survey, price: Price) -> pd.DataFrame:
    """Return the table of surveys, without costs where nobody said what one costs."""
    costs = ["cost", "net", "net_low", "net_high"]
    return survey.table if price.fixed is not None else survey.table.drop(columns=costs)


def _means(benefits: Benefits, called: dict[str, str]) -> pd.DataFrame:
    means = benefits.table.mean()
    share = benefits.table.idxmax(axis=1).value_counts(normalize=True)
    rows = [(called[str(key)], means[key], float(share.get(key, 0.0)), benefits.unit) for key in benefits.table]
    return pd.DataFrame(rows, columns=["strategy", "worth", "share_of_draws_where_best", "unit"])


def _facts(
    everything: Worth, benefits: Benefits, groups: pd.DataFrame, survey: Survey, price: Price, outcome: str
) -> dict[str, object]:
    first = groups[~groups["below_floor"]]
    priced = price.fixed is not None
    return {
        "outcome": outcome,
        "unit": benefits.unit,
        "best_today": benefits.best(),
        "evpi": everything.value,
        "evpi_low": everything.low,
        "evpi_high": everything.high,
        "collect_first": None if first.empty else first.iloc[0]["what"],
        "survey_best": survey.best if priced else None,
        "survey_low": survey.low if priced else None,
        "survey_high": survey.high if priced else None,
        "survey_pays_chance": survey.chance if priced else None,
    }


def _mind(plan: Plan, price: Price) -> tuple[str, ...]:
    said = [
        _(
            "It is the worth of the model's own ignorance: what the model leaves out is not in it, and a survey whose "
            "owners flatter tells less."
        ),
        _("A study is worth something only if it would change what is chosen; it may be wanted for other reasons."),
    ]
    if plan.draws < ADVISED_DRAWS:
        said.append(
            _(
                "{draws} draws: with --draws {advised} the floor of noise is lower, and more is told.",
                draws=written(str(plan.draws)), advised=ADVISED_DRAWS,
            )
        )  # fmt: skip
    if plan.replications < 2:
        said.append(_("With one course of luck a draw luck cannot be told from ignorance: all figures are too high."))
    if price.per_unit is not None:
        said.append(_("What a live business is worth is yours to say: nobody has published it."))
    return tuple(said)


def _above(groups: pd.DataFrame, survey: Survey) -> list[str]:
    """Say so where a survey's worth lies above that of all the numbers that are listed for it."""
    of_numbers = groups.loc[groups["what"].str.startswith("a tracer survey"), "value"].max()
    most = survey.table["smoothed"].max()
    if not most > of_numbers:
        return []
    return [
        _(
            "The survey as it was simulated ({most}) is worth more than the numbers listed for it ({listed}): its "
            "answers also tell of numbers not listed, and both blur. 'At best' is of those.",
            most=plain(most), listed=plain(of_numbers),
        )
    ]  # fmt: skip


def _listed(names: list[str]) -> str:
    return listed([_("'{name}'", name=name) for name in names])
