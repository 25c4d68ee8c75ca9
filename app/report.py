"""A study as one page that can be shown to a board: the answer first, then what it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, many, quoted, spoken
from . import wording
from .dac import criteria
from .page_parts import inner
from .report_pictures import HEADLINE, pictures
from .saying import SENTENCES, period
from .study import records

if TYPE_CHECKING:
    from ..sim import Outcome
    from .study import Study

TEMPLATES = Path(__file__).parent / "templates"
FEW = 4
"""Outcomes that are named for better and for worse: all stand in the table."""
CLEARLY = {
    "better": "clearly better: {outcomes}",
    "worse": "clearly worse: {outcomes}",
    "higher": "clearly higher: {outcomes}",
    "lower": "clearly lower: {outcomes}",
}
VERDICTS = ("better", "worse", "higher", "lower", "unclear", "negligible", "no change", "unknown")
"""What may be said of an interval; see `verdict`."""
GRADES = {"A": "official or peer-reviewed", "B": "press", "C": "inferred from A and B"}


def verdict(row: Any, outcomes: Mapping[str, Outcome]) -> str:
    """Say what an interval says, in a word.

    Returns
    -------
    str
        ``no change``; ``negligible`` where the whole interval is within 1 % of the baseline's level;
        ``unclear`` where it holds zero; else ``better`` or ``worse``, or ``higher`` or ``lower`` where
        neither is better; ``unknown`` without an interval.
    """
    if not math.isfinite(row.low):
        return "unknown"
    if row.low == row.high == 0:
        return "no change"
    if max(abs(row.low), abs(row.high)) < wording.NEGLIGIBLE * abs(row.baseline_mean):
        return "negligible"
    if row.low <= 0 <= row.high:
        return "unclear"
    rises = row.low > 0
    better = outcomes[row.outcome].better if row.outcome in outcomes else 0
    if better == 0:
        return "higher" if rises else "lower"
    return "better" if rises == (better > 0) else "worse"


def answer(study: Study) -> str:
    """Return the answer in one sentence."""
    headline = HEADLINE if HEADLINE in set(study.rows["outcome"]) else study.rows["outcome"].iloc[0]
    rows = study.rows[study.rows["outcome"] == headline]
    what = wording.label(headline).lower()
    span = many("one year", "{n} years", study.experiment.plan.years)
    if study.baseline is None:
        row = records(rows)[0]
        mean, low, high = wording.interval((row.mean, row.low, row.high), row.unit, sign=False)
        return _(
            "After {span} of {strategy}, {outcome} are expected to number {mean} {unit} "
            "(95 % interval of the mean {interval}).",
            span=span, strategy=quoted(study.called[row.strategy]), outcome=what, mean=mean,
            unit=wording.shown_unit(row.unit), interval=wording.span(low, high),
        )  # fmt: skip
    parts = [_clause(row, what, study.called[row.strategy]) for row in records(rows)]
    return _(
        "After {span}, compared with {baseline}, {changes}.",
        span=span, baseline=quoted(study.called[study.baseline]), changes=_("; ").join(parts),
    )  # fmt: skip


def _clause(row: Any, what: str, called: str) -> str:
    """Say in a clause what one strategy does to one outcome."""
    difference, low, high = wording.interval((row.difference, row.low, row.high), row.unit, sign=True)
    said = {"strategy": quoted(called), "outcome": what, "difference": difference}
    said |= {"unit": wording.shown_unit(row.unit, difference=True), "interval": wording.span(low, high)}
    if not math.isfinite(row.low):
        return _("{strategy} changes {outcome} by {difference} {unit}, with too few runs for an interval", **said)
    if row.low == row.high == 0:
        return _("{strategy} changes nothing in {outcome}", **said)
    if max(abs(row.low), abs(row.high)) < wording.NEGLIGIBLE * abs(row.baseline_mean):
        return _(
            "{strategy} makes next to no difference to {outcome} ({difference} {unit}, 95 % interval {interval})",
            **said,
        )
    if row.low <= 0 <= row.high:
        return _(
            "{strategy} makes no clear difference to {outcome} ({difference} {unit}, 95 % interval {interval})", **said
        )
    said["size"] = wording.unsigned(difference)
    if row.difference > 0:
        return _("{strategy} raises {outcome} by {size} {unit} (95 % interval {interval})", **said)
    return _("{strategy} lowers {outcome} by {size} {unit} (95 % interval {interval})", **said)


def clear_changes(study: Study, strategy: str) -> str:
    """Say in one sentence which outcomes a strategy clearly changes, for better or worse, and by how much.

    A few of those that a terminal shows are named; how many others there are is said.
    """
    from ..sim.outcomes import HEADLINE as SHOWN

    rows = [row for row in records(study.rows) if row.strategy == strategy]
    rows.sort(key=lambda row: SHOWN.index(row.outcome) if row.outcome in SHOWN else len(SHOWN))
    said = []
    for word, message in CLEARLY.items():
        changed = [row for row in rows if verdict(row, study.outcomes) == word]
        named = [row for row in changed if row.outcome in SHOWN][:FEW] or changed[:FEW]
        names = [f"{wording.label(row.outcome).lower()} {_by_how_much(row)}" for row in named]
        if len(changed) > len(named):
            names.append(many("{n} more in the table", "{n} more in the table", len(changed) - len(named)))
        if names:
            said.append(_(message, outcomes=wording.listed(names)))
    called = quoted(study.called[strategy])
    if not said:
        return _("Under {strategy} no outcome changes clearly.", strategy=called)
    return _("Under {strategy}, {changes}.", strategy=called, changes=_("; ").join(said))


def _by_how_much(row: Any) -> str:
    difference = wording.interval((row.difference, row.low, row.high), row.unit, sign=True)[0]
    unit = wording.shown_unit(row.unit, difference=True)
    return f"{difference}{wording.THIN}{unit}" if row.unit != "index" else difference


def _tables(study: Study) -> list[dict[str, Any]]:
    """Return the rows of each strategy's table, every number already written."""
    if study.baseline is None:
        rows = [_level_row(row, study) for row in records(study.rows)]
        return [{"strategy": study.keys[0], "title": study.title(), "rows": rows}]
    return [
        {
            "strategy": name,
            "title": study.title(name),
            "summary": clear_changes(study, name),
            "rows": [_contrast_row(row, study) for row in records(study.rows) if row.strategy == name],
        }
        for name in study.keys[1:]
    ]


def _meaning(row: Any, study: Study) -> str:
    meaning = _(study.outcomes[row.outcome].meaning) if row.outcome in study.outcomes else ""
    costly = row.outcome.startswith(("spent", "cost"))
    return _("{meaning}. Rests mostly on judgement", meaning=meaning) if costly else meaning


def _contrast_row(row: Any, study: Study) -> dict[str, str]:
    numbers = (row.difference, row.low, row.high, row.spread_low, row.spread_high)
    difference, low, high, spread_low, spread_high = wording.interval(numbers, row.unit, sign=True)
    return {
        "outcome": wording.label(row.outcome),
        "meaning": _meaning(row, study),
        "baseline": wording.level(row.baseline_mean, row.unit, with_unit=row.unit == "share"),
        "mean": wording.level(row.mean, row.unit, with_unit=row.unit == "share"),
        "unit": wording.shown_unit(row.unit),
        "aim": _("less is better") if row.outcome in study.outcomes and study.outcomes[row.outcome].better < 0 else "",
        "difference": f"{difference}{wording.THIN}{_('points')}" if row.unit == "share" else difference,
        "interval": wording.span(low, high),
        "chance": wording.chance(row.chance_above_zero),
        "spread": wording.span(spread_low, spread_high),
        "verdict": verdict(row, study.outcomes),
        "reading": _(verdict(row, study.outcomes)),
    }


def _level_row(row: Any, study: Study) -> dict[str, str]:
    numbers = (row.mean, row.low, row.high, row.spread_low, row.spread_high)
    shown = wording.interval(numbers, row.unit, sign=False)
    return {
        "outcome": wording.label(row.outcome),
        "meaning": _meaning(row, study),
        "mean": f"{shown[0]}{wording.THIN}%" if row.unit == "share" else shown[0],
        "unit": wording.shown_unit(row.unit),
        "interval": wording.span(shown[1], shown[2]),
        "spread": wording.span(shown[3], shown[4]),
    }


def _sources(study: Study) -> list[dict[str, str]]:
    """Return the evidence as text, nothing in it a link."""
    wanted = ("id", "quantity", "value", "unit", "grade", "source_title", "source_url")
    rows = [{key: _plain(row.get(key)) for key in wanted} for row in study.evidence.to_dict(orient="records")]
    return [row | {"value": row["value"].replace(",", "")} if row["unit"] == "year" else row for row in rows]


def _published(study: Study) -> list[dict[str, str]]:
    """Return what was published beside what the simulated past says, every number already written."""
    return [
        {
            "figure": _(row.figure),
            "unit": _(row.unit),
            "published": wording.separated(row.published),
            "model": wording.number(row.model, wording.significant(row.model, 3)),
            "range": wording.span(
                *(wording.number(value, wording.significant(row.model, 3)) for value in (row.low, row.high))
            ),
            "basis": row.basis,
            "role": _(row.role),
        }
        for row in records(study.experiment.published)
    ]


def _plain(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def rests_on(study: Study, sources: list[dict[str, str]]) -> str:
    """Say how many parameters rest on judgement, and how many published figures of each grade are cited."""
    judged, parameters = study.judged
    counts = {grade: sum(source["grade"] == grade for source in sources) for grade in GRADES}
    grades = [
        _("{count} of grade {grade} ({meaning})", count=counts[grade], grade=grade, meaning=_(meaning))
        for grade, meaning in GRADES.items()
    ]
    return _(
        "Of the model’s {parameters} uncertain parameters, {judged} rest on judgement alone; what things cost rests "
        "mostly on judgement. The others, and the history, cite {sources} published figures: {grades}.",
        parameters=parameters, judged=judged, sources=len(sources), grades=_(", ").join(grades),
    )  # fmt: skip


def report_of(study: Study, dac: bool = False) -> dict[str, Any]:
    """Return all that a report says, every number already written, in the language spoken.

    Parameters
    ----------
    study : Study
        Accounted for in the same language.
    dac : bool
        Whether the headings of OECD-DAC are among it.
    """
    plan = study.experiment.plan
    sources = _sources(study)
    whys = {strategy.key: _(strategy.why) for strategy in plan.strategies}
    draws = many("{n} parameter draw", "{n} parameter draws", plan.draws)
    replications = many("{n} replication", "{n} replications", plan.replications)
    return {
        "language": spoken(),
        "heading": study.title(),
        "period": period(plan),
        "runs": many("{n} simulated run", "{n} simulated runs", plan.runs),
        "made_of": _("{draws} × {replications}, seed {seed}", draws=draws, replications=replications, seed=plan.seed),
        "answer": answer(study),
        "criteria": criteria(study) if dac else [],
        "tables": _tables(study),
        "figures": pictures(study),
        "published": _published(study),
        "sources": sources,
        "rests_on": rests_on(study, sources),
        "called": study.called,
        "whys": whys,
        "reasons": {key: wording.first_sentences(why, SENTENCES) for key, why in whys.items()},
    }


def render(study: Study, dac: bool = False, body: bool = False) -> str:
    """Return the report as one HTML page that asks nothing of any network; see `report_of`.

    With `body` only what stands in its header and its main part, to be put into another page.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    template = environment.get_template("report.html.j2")
    about = {"study": study, "experiment": study.experiment, "_": _, **report_of(study, dac)}
    if body:
        return inner(template, about)
    return template.render(about)
