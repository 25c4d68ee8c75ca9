"""What is said about an experiment, gathered once for the terminal, the JSON, the report and the files."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, month, written
from . import wording
from .choosing import best_of, sentences
from .knowing import tells
from .notes import notes_on

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.decisions.selection import Selection
    from ..scenarios.experiment import Plan
    from ..scenarios.results import Experiment
    from ..sim import Outcome
    from ..sim.policy import Difference

_ID = r"[PRLWSEMB]\d{3}"


@dataclass(frozen=True)
class Study:
    """All that is said about one experiment.

    Attributes
    ----------
    experiment : Experiment
    rows : DataFrame
        As from `compare_rows`, or from `run_rows` when there is no baseline.
    baseline : str or None
        Key of the strategy that the others are compared with; None for the study of one strategy.
    outcomes : mapping of Outcome
        What is measured, in the order shown.
    differs : dict
        Per strategy, what sets it apart from the baseline, a sentence each.
    history : tuple of str
        Short account of the historical run, a sentence each.
    tells : tuple of str
        What the posterior knows and what it does not, a sentence or two each.
    cannot_tell : tuple of str
        What the data cannot tell, a sentence each; the most important first.
    evidence : DataFrame
        Published figures it rests on: id, quantity, value, unit, grade, source_title, source_url.
    money : str
        Whether what a lever costs is taken from the budget or comes on top of it, in a sentence.
    judged : tuple of (int, int)
        How many parameters rest on judgement alone, and how many there are.
    command : str
        The command that gives the same numbers again.
    notes : tuple of str
        What to mind in reading it, a sentence each.
    best : Selection or None
        Which of three strategies or more has most live businesses, and how sure that is.
    """

    experiment: Experiment
    rows: pd.DataFrame
    baseline: str | None
    outcomes: Mapping[str, Outcome]
    differs: dict[str, tuple[str, ...]]
    history: tuple[str, ...]
    tells: tuple[str, ...]
    cannot_tell: tuple[str, ...]
    evidence: pd.DataFrame
    money: str
    judged: tuple[int, int]
    command: str
    notes: tuple[str, ...] = ()
    best: Selection | None = None

    @property
    def choice(self) -> tuple[str, ...]:
        """Which strategy is best, and what moves the differences from run to run, a sentence each."""
        return sentences(self.best, self.rows, self.experiment.plan)

    @property
    def keys(self) -> list[str]:
        """Keys of the strategies, the baseline first: what the tables call them."""
        return self.experiment.plan.keys

    @property
    def called(self) -> dict[str, str]:
        """What people call each strategy, by key."""
        from ..scenarios.questions.reading import called

        return called(self.experiment.plan)

    def title(self, strategy: str | None = None) -> str:
        """Return what a page about the study is called, or its table of one strategy."""
        if self.baseline is None:
            return self.called[self.keys[0]]
        others = wording.listed([self.called[key] for key in ([strategy] if strategy else self.keys[1:])])
        return _("{strategies}, against {baseline}", strategies=others, baseline=self.called[self.baseline])

    def ends(self) -> Iterator[pd.DataFrame]:
        """Return what `rows` are made from, outcome by outcome: ``strategy, draw, replication, outcome, value``."""
        for name in self.outcomes:
            yield _ends_of(self.experiment, name, self.baseline)


def account(experiment: Experiment, command: str) -> Study:
    """Return what is said of an experiment: a comparison with its first strategy, or the study of one strategy.

    In the study of one strategy, `active_share` is the share that the evaluation of May 2017 finds, where the run
    covers it; the share at the end of the plan is `active_share_end`.
    """
    import pandas as pd

    from ..scenarios.contrast import compare_rows, run_rows
    from ..sim import OUTCOMES
    from ..sim.outcomes import RATIOS

    keys = experiment.plan.keys
    baseline = keys[0] if len(keys) > 1 else None
    outcomes: Mapping[str, Outcome] = outcomes_of_one() if baseline is None else OUTCOMES
    units = {name: outcome.unit for name, outcome in outcomes.items()}
    possible = {name: outcome.possible for name, outcome in outcomes.items()}
    rows = []
    for name in outcomes:
        ends = experiment.with_parts(name) if name in RATIOS else _ends_of(experiment, name, baseline)
        if len(ends):
            how = (units, possible, RATIOS)
            one = run_rows(ends, *how) if baseline is None else compare_rows(ends, baseline, *how)
            rows.append(one[one["outcome"] == name])
    return _study(experiment, command, pd.concat(rows, ignore_index=True), baseline, outcomes)


def outcomes_of_one() -> dict[str, Outcome]:
    """Return what the study of one strategy measures."""
    from ..sim import OUTCOMES, Outcome

    meaning = "Projects financed so far that the evaluator's last visit found open, at the evaluation in May 2017"
    outcomes = {"active_share": Outcome("active_share", "share", meaning, 1)}
    for name, outcome in OUTCOMES.items():
        shown = "active_share_end" if name == "active_share" else name
        outcomes[shown] = Outcome(shown, outcome.unit, outcome.meaning, outcome.better)
    return outcomes


def _ends_of(experiment: Experiment, name: str, baseline: str | None) -> pd.DataFrame:
    """Return an outcome, by the name that it has in a study, in every run."""
    if baseline is None and name == "active_share":
        return experiment.evaluation
    asked = "active_share" if baseline is None and name == "active_share_end" else name
    return experiment.ends([asked]).assign(outcome=name)


def records(table: pd.DataFrame) -> list[Any]:
    """Return the rows of a table, each column an attribute."""
    return list(table.itertuples(index=False))


def _study(
    experiment: Experiment,
    command: str,
    rows: pd.DataFrame,
    baseline: str | None,
    outcomes: Mapping[str, Outcome],
) -> Study:
    from ..calibration.figures import load_figures
    from ..sim import NUMBERS

    plan = experiment.plan
    uncertain = [number.basis for number in NUMBERS.values() if number.shape != "fixed"]
    whys = [change.why for layer in plan.past.layers for change in layer.changes]
    figures = load_figures()
    wanted = cited(["P001", *(number.basis for number in NUMBERS.values()), *whys])
    return Study(
        experiment=experiment,
        rows=rows,
        baseline=baseline,
        outcomes=outcomes,
        differs=differs(plan) if baseline is not None else {},
        history=history(experiment),
        tells=tells(experiment),
        cannot_tell=limits(plan.hindsight),
        evidence=figures[figures["id"].isin(wanted)],
        money=money(plan),
        judged=(sum(map(judged, uncertain)), len(uncertain)),
        command=command,
        notes=notes_on(plan),
        best=best_of(experiment),
    )


def money(plan: Plan) -> str:
    """Say in a sentence whether what a lever costs is taken from the budget or comes on top of it."""
    from ..sim.policy import settings_table

    if plan.budget == "additional" and len(plan.strategies) > 1:
        return _("What a strategy's staff and services cost more than the baseline's comes on top of the budget.")
    tables = [settings_table(each, plan.start, plan.months, plan.known_until) for each in plan.strategies]
    budgets = {tuple(table.funding_budget_mad_per_year[plan.start :].tolist()) for table in tables}
    if all(math.isinf(amount) for budget in budgets for amount in budget):
        return _("No budget limits what is spent.")
    if len(budgets) > 1:
        return _("Each strategy has a yearly budget of its own, a ceiling: what a lever costs is taken from it.")
    if len(plan.strategies) == 1:
        return _("What a lever costs is taken from the yearly budget.")
    (budget,) = budgets
    amounts = [wording.number(amount) for amount in (min(budget), max(budget))]
    return _(
        "Every strategy may spend at most the same each year ({amount} MAD of 2016), and what a lever costs is taken "
        "from it; what the baseline leaves unspent, another may use: see Spent.",
        amount=amounts[0] if amounts[0] == amounts[1] else wording.span(*amounts),
    )


def cited(texts: list[str]) -> list[str]:
    """Return the evidence ids that some texts cite, in order; ``R110-R125`` stands for all between."""
    found: set[str] = set()
    for text in texts:
        for first, last in re.findall(rf"\b({_ID})-({_ID})\b", text):
            found |= {f"{first[0]}{n:03d}" for n in range(int(first[1:]), int(last[1:]) + 1)}
        found |= set(re.findall(rf"\b{_ID}\b", text))
    return sorted(found)


def judged(basis: str) -> bool:
    """Say whether a parameter rests on judgement alone: no figure and no table behind it."""
    return "judgement" in basis and not cited([basis]) and ".csv" not in basis


def limits(hindsight: bool) -> tuple[str, ...]:
    """Return what the data cannot tell about any plan, the most important first."""
    from ..calibration.checks import PUBLISHED_SHARE

    ahead = (
        _("Refugee stocks published after the plan's start were used (--hindsight): this is not a forecast.")
        if hindsight
        else _(
            "After the last year known at the start, arrivals, departures and intake go on as they were: an assumption."
        )
    )
    return (
        _(
            "The published {share} % says how many projects were active, not why the others were not: what a new "
            "strategy changes rests on studies from elsewhere and on judgement.",
            share=wording.number(100 * PUBLISHED_SHARE, 1),
        ),
        _("Survival is not impact: nothing here says how the same people would live had there been no programme."),
        _(
            "A difference of 3 points in survival would need about {projects} projects in each arm to be measured in "
            "the field, and the programme starts about 85 a year: that is why it is simulated, and why it stays "
            "uncertain.",
            projects=wording.number(4350),
        ),
        _(
            "The 95 % interval is that of the mean over draws: with more draws it shrinks. What the parameters' ranges "
            "and the shapes of the failure hazard leave open is the range over draws; a model built otherwise could "
            "rank the strategies differently."
        ),
        ahead,
        _("Costs rest mostly on judgement."),
    )


def history(experiment: Experiment) -> tuple[str, ...]:
    """Return a short account of the historical run, or nothing where no run reaches the evaluation."""
    from ..calibration.checks import PUBLISHED_SHARE
    from ..scenarios.contrast import FEW_DRAWS, run_rows

    seen = experiment.evaluation
    if not len(seen):
        return ()
    chosen = seen[seen["strategy"] == experiment.plan.keys[0]]
    row = records(run_rows(chosen, {"active_share": "share"}, {"active_share": (0.0, 1.0)}))[0]
    mean, low, high = wording.interval((row.mean, row.low, row.high), "share", sign=False)
    enough = experiment.plan.draws >= FEW_DRAWS
    published = wording.number(100 * PUBLISHED_SHARE, 1)
    found = (
        _(
            "In the simulated past, the evaluation of May 2017 finds {mean} % of all projects financed so far active "
            "(95 % interval of the mean {interval} %); the published figure is {published} %.",
            mean=mean, interval=wording.span(low, high), published=published,
        )
        if enough
        else _(
            "In the simulated past, the evaluation of May 2017 finds {mean} % of all projects financed so far active; "
            "the published figure is {published} %.",
            mean=mean, published=published,
        )
    )  # fmt: skip
    return (
        found,
        _("Imposed on the past: yearly intake and refugee stocks. Fitted: how often projects fail, and who works."),
        *predicted(experiment.published),
    )


def predicted(published: pd.DataFrame) -> tuple[str, ...]:
    """Say what the model, which never saw them, says in place of published figures."""
    rows = records(published[published["role"] == "predicted"])
    if not rows:
        return ()
    said = [
        _(
            "{figure}: {model} {unit} (published {published})",
            figure=_(row.figure), unit=_(row.unit), published=wording.separated(row.published),
            model=wording.number(row.model, wording.significant(row.model, 3)),
        )
        for row in rows
    ]  # fmt: skip
    plain = [row for row in rows if row.published[:1].isdigit()]
    missed = sum(not _inside(row) for row in plain)
    return (
        _(
            "Predicted, never shown to it, {count} figures: {figures}. In {missed} of the {plain} published as a "
            "number or a range the published figure lies outside 90 % of the simulated runs: docs/LIMITS.md says why.",
            count=wording.number(len(rows)), figures=_("; ").join(said), missed=wording.number(missed),
            plain=wording.number(len(plain)),
        ),
    )  # fmt: skip


def _inside(row: Any) -> bool:
    """Say whether a published figure, or part of a published range, lies within 90 % of the runs."""
    ends = [float(end) for end in row.published.replace(",", "").split(" to ")]
    return bool(ends[0] <= row.high and ends[-1] >= row.low)


def differs(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return, per strategy but the baseline, what sets it apart from it, a sentence each."""
    from ..sim.policy import differences

    baseline, *others = plan.strategies
    return {
        other.key: tuple(
            in_words(difference, plan)
            for difference in differences(baseline, other, plan.start, plan.months)
            if difference.last >= plan.start
        )
        for other in others
    }


def in_words(difference: Difference, plan: Plan) -> str:
    """Say what a strategy does in place of the baseline, and when."""
    now, before = (_value(words, difference.unit) for words in (difference.words_b, difference.words_a))
    first = max(difference.first, plan.start)
    when = [_("in equal steps")] if difference.ramps else []
    when += [] if first == plan.start else [_("from {month}", month=month(first))]
    when += [_("until {month}", month=month(difference.last))] if difference.last < plan.months - 1 else []
    change = _("{now} instead of {before}", now=now, before=before)
    return _("{name}: {value}", name=_(difference.meaning), value=_(", ").join([change, *when])) + "."


SAID = {"true": "yes", "false": "no", "inf": "without limit"}
"""Settings in words."""


def _value(words: str, unit: str) -> str:
    if words in SAID:
        return _(SAID[words])
    if not words[:1].isdigit():
        return _(words.replace("_", " "))
    if unit == "share":
        words, unit = re.sub(r"[\d.]+", lambda found: f"{100.0 * float(found[0]):.4g}", words), "%"
    low, to, high = words.partition(" to ")
    number = wording.span(written(low), written(high)) if to else written(words)
    return number if unit in ("", "yes/no", "ratio") else f"{number} {_(unit)}"


def command_line(name: str, strategies: list[str], plan: Plan) -> str:
    """Return the command that gives the same numbers again, wherever they go."""
    from ..sim.policy import month_name

    words = ["idmaj", name, *(shlex.quote(strategy) for strategy in strategies)]
    words += ["--start", month_name(plan.start), "--years", str(plan.years), "--draws", str(plan.draws)]
    words += ["--replications", str(plan.replications), "--seed", str(plan.seed)]
    words += ["--hindsight"] * plan.hindsight + ["--traces"] * plan.traces
    words += [] if plan.posterior is None else ["--posterior", shlex.quote(str(plan.posterior))]
    return " ".join(words + ["--budget", plan.budget] * (plan.budget != "equal"))


def recount(command: str, plan: Plan) -> str:
    """Return a command with the plan's numbers of draws and replications."""
    command = re.sub(r"--draws \d+", f"--draws {plan.draws}", command)
    return re.sub(r"--replications \d+", f"--replications {plan.replications}", command)
