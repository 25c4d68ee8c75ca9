"""The pictures of a report: years, differences, costs, the front, assumptions, places, and how long projects last."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..scenarios.language import _, month, quoted
from . import wording
from .answers import Figure
from .figures import differences_figure, fan_figure
from .size_figures import tornado_figure
from .study_figures import TOWNS, places_figure, plane_figure, strategies_figure

if TYPE_CHECKING:
    import pandas as pd

    from .study import Study

HEADLINE = "live_businesses"
"""The outcome of which the answer and most pictures speak."""
SPENT, NEEDIEST = "spent", "share_neediest_served"
FRONT_DRAWS = 20
"""Draws from which on it is worth saying which strategies are surpassed."""


def pictures(study: Study) -> list[Figure]:
    """Return the figures of a study, each in two cuts, with what they show in words."""
    found = [_years(study)]
    if study.baseline is not None:
        found += [_differences(study), _plane(study), *_front(study), *_moves(study)]
    return [*found, _places(study), *_lasting(study)]


def _cut(title: str, caption: str, draw: Callable[..., str]) -> Figure:
    return Figure(title, caption, draw(narrow=False), draw(narrow=True))


def _years(study: Study) -> Figure:
    from ..sim import EVALUATION_MONTH

    plan, monthly = study.experiment.plan, study.experiment.monthly
    columns = list(monthly["outcome"].unique())
    shown = HEADLINE if HEADLINE in columns else columns[0]
    marks = {_("Evaluation, May 2017"): EVALUATION_MONTH}
    if plan.start:
        marks |= {_("Plan starts, {month}", month=month(plan.start)): plan.start}
    names = wording.listed(list(study.called.values()))
    words = _("{outcome} by month since 2007 under {strategies}", outcome=wording.label(shown), strategies=names)
    caption = (
        _(
            "Lines are means over all runs. The band of {baseline} and the thin lines of the others hold the middle "
            "90 % of runs, of the past the middle 50 % too.",
            baseline=quoted(study.called[study.baseline]),
        )
        if study.baseline
        else _("The line is the mean over all runs, the bands hold the middle 50 % and 90 % of runs.")
    )
    unit = wording.shown_unit(study.outcomes[shown].unit) if shown in study.outcomes else ""
    title = _("{outcome} over the years ({unit})", outcome=wording.label(shown), unit=unit)
    return _cut(title, caption, partial(fan_figure, monthly, study.called, study.baseline, shown, marks, words))


def _differences(study: Study) -> Figure:
    from ..sim.outcomes import HEADLINE as SHOWN

    assert study.baseline is not None
    better = {name: outcome.better for name, outcome in study.outcomes.items()}
    called = study.called[study.baseline]
    words = _("Paired difference from {baseline} in each main outcome, with 95 % intervals", baseline=called)
    rows = study.rows[study.rows["outcome"].isin(SHOWN)]
    caption = _(
        "Dots are mean paired differences, thick bars their 95 % intervals, thin lines the range over parameter draws "
        "(5 to 95 %). A bar that crosses the line at zero is no clear difference. The other outcomes stand in the "
        "tables."
    )
    title = _("Difference from {baseline}, outcome by outcome", baseline=quoted(called))
    draw = partial(differences_figure, rows if len(rows) else study.rows, study.called, better, words)
    return _cut(title, caption, draw)


def _plane(study: Study) -> Figure:
    base = study.called[study.baseline or ""]
    words = _(
        "For each draw of the numbers nobody knows exactly: how many more live businesses than under {baseline}, and "
        "how much more is spent. Large dots are means. To the right and below: more for less money.",
        baseline=quoted(base),
    )
    more = _extra(study, HEADLINE), _extra(study, SPENT)
    return _cut(_("What is won, and what it costs more"), words, partial(plane_figure, *more, study.called, words))


def _extra(study: Study, outcome: str) -> pd.DataFrame:
    """Return, by draw, the mean difference of each strategy from the baseline; columns are the strategies."""
    means = study.experiment.ends([outcome]).groupby(["strategy", "draw"])["value"].mean().unstack("strategy")
    return means.sub(means[study.keys[0]], axis=0)[study.keys[1:]]


def _front(study: Study) -> list[Figure]:
    """Return each strategy by what it wins and whom it reaches, those not surpassed told apart; none of few draws."""
    from ..scenarios.decisions.pareto import front

    aims = {HEADLINE: "more", NEEDIEST: "more"}
    ends = study.experiment.ends(list(aims))
    nobody = ends[ends["outcome"] == NEEDIEST].groupby("strategy")["value"].count()
    called = {key: name for key, name in study.called.items() if nobody[key]}  # who serves nobody has no share
    ends = ends[ends["strategy"].isin(called)]
    whole = ends.groupby(["draw", "replication"])["value"].transform(lambda values: values.notna().all())
    if study.keys[0] not in called or len(called) < 2 or ends[whole]["draw"].nunique() < FRONT_DRAWS:
        return []
    verdicts = front(ends[whole], aims).set_index("strategy")["verdict"]
    words = _(
        "Change from {baseline} in {outcome} against that in {equity}, with 95 % intervals. Full marks: surely no "
        "other strategy is as good in both and better in one; hollow: it cannot be told; grey: surely there is one.",
        baseline=quoted(study.called[study.baseline or ""]),
        outcome=wording.label(HEADLINE).lower(),
        equity=wording.label(NEEDIEST).lower(),
    )
    rows = study.rows[study.rows["outcome"].isin((HEADLINE, NEEDIEST))]
    draw = partial(strategies_figure, rows, verdicts, called, (NEEDIEST, HEADLINE), words)
    return [_cut(_("Many live businesses, and for the neediest"), words, draw)]


def _moves(study: Study) -> list[Figure]:
    """Return which assumptions move the largest difference in the headline; none where none rises above noise."""
    from ..scenarios.decisions.tornado import FEWEST
    from ..scenarios.questions.what_moves import answers_of, bars_of

    if study.experiment.plan.draws < FEWEST:
        return []
    answers = {key: answers_of(study.experiment, HEADLINE, key) for key in study.keys[1:]}
    key = max(answers, key=lambda each: abs(answers[each].mean()))
    bars = bars_of(study.experiment, answers[key])
    if not bars["named"].any():
        return []
    words = _(
        "What moves the difference in {outcome} between {strategy} and {baseline}: each bar goes from the answer where "
        "an assumption is in its lowest fifth to that in its highest (the tip points there). Grey bars are no longer "
        "than noise alone can make them; the grey band is that length.",
        outcome=wording.label(HEADLINE).lower(),
        strategy=quoted(study.called[key]),
        baseline=quoted(study.called[study.keys[0]]),
    )
    label = _("Difference in {outcome}", outcome=wording.label(HEADLINE).lower())
    draw = partial(tornado_figure, bars, label, words)
    return [_cut(_("Which assumptions it hangs on"), words, draw)]


def _places(study: Study) -> Figure:
    groups = study.experiment.groups
    rows = groups[(groups["group"] == "place") & (groups["outcome"] == HEADLINE)]
    others = sorted(set(rows["member"]) - set(TOWNS))
    words = _(
        "Live businesses at the end of the plan, by place: the larger a dot, the more, as written beside it (means "
        "over all runs). Not on the map: {places}.",
        places=wording.listed([_(each) for each in others]) if others else wording.MISSING,
    )
    return _cut(_("Where the businesses are"), words, partial(places_figure, rows, study.called, words))


def _lasting(study: Study) -> list[Figure]:
    """Return the survival curves and how projects end; none where no project is begun, or an old study kept no ages."""
    from ..scenarios.questions.lasting import lasting
    from .lasting_figures import lasting_figures

    if not study.experiment.keeps_spells or study.experiment.spells(study.experiment.plan.runs).empty:
        return []
    return lasting_figures(lasting(study.experiment), study.called)
