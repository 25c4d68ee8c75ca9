"""A study as one page that can be shown to a board: the answer first, then what it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import wording
from .saying import SENTENCES, period
from .study import records

if TYPE_CHECKING:
    from ..sim import Outcome
    from .study import Study

HEADLINE = "live_businesses"
FEW = 4
"""Outcomes that are named for better and for worse: all stand in the table."""
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
    years = study.experiment.plan.years
    span = "one year" if years == 1 else f"{years} years"
    if study.baseline is None:
        row = records(rows)[0]
        mean, low, high = wording.interval((row.mean, row.low, row.high), row.unit, sign=False)
        called, unit = _quoted(study.called[row.strategy]), wording.shown_unit(row.unit)
        return (
            f"After {span} of {called}, {what} are expected to number {mean} {unit} "
            f"(95 % interval of the mean {wording.span(low, high)})."
        )
    parts = [_clause(row, what, study.called[row.strategy]) for row in records(rows)]
    return f"After {span}, compared with {_quoted(study.called[study.baseline])}, {'; '.join(parts)}."


def _quoted(name: str) -> str:
    return f"\u201c{name.replace(' ', wording.THIN)}\u201d"


def _clause(row: Any, what: str, called: str) -> str:
    """Say in a clause what one strategy does to one outcome."""
    name = _quoted(called)
    difference, low, high = wording.interval((row.difference, row.low, row.high), row.unit, sign=True)
    interval = wording.span(low, high)
    unit = wording.shown_unit(row.unit, difference=True)
    if not math.isfinite(row.low):
        return f"{name} changes {what} by {difference} {unit}, with too few runs for an interval"
    if row.low == row.high == 0:
        return f"{name} changes nothing in {what}"
    if max(abs(row.low), abs(row.high)) < wording.NEGLIGIBLE * abs(row.baseline_mean):
        return f"{name} makes next to no difference to {what} ({difference} {unit}, 95 % interval {interval})"
    if row.low <= 0 <= row.high:
        return f"{name} makes no clear difference to {what} ({difference} {unit}, 95 % interval {interval})"
    verb = "raises" if row.difference > 0 else "lowers"
    size = difference.lstrip("+" + wording.MINUS)
    return f"{name} {verb} {what} by {size} {unit} (95 % interval {interval})"


def clear_changes(study: Study, strategy: str) -> str:
    """Say in one sentence which outcomes a strategy clearly changes, for better or worse, and by how much.

    A few of those that a terminal shows are named; how many others there are is said.
    """
    from ..sim.outcomes import HEADLINE as SHOWN

    rows = [row for row in records(study.rows) if row.strategy == strategy]
    rows.sort(key=lambda row: SHOWN.index(row.outcome) if row.outcome in SHOWN else len(SHOWN))
    said = []
    for word in ("better", "worse", "higher", "lower"):
        changed = [row for row in rows if verdict(row, study.outcomes) == word]
        named = [row for row in changed if row.outcome in SHOWN][:FEW] or changed[:FEW]
        names = [f"{wording.label(row.outcome).lower()} {_by_how_much(row)}" for row in named]
        if len(changed) > len(named):
            names.append(f"{len(changed) - len(named)} more in the table")
        if names:
            said.append(f"clearly {word}: {wording.listed(names)}")
    if not said:
        return f"Under {_quoted(study.called[strategy])} no outcome changes clearly."
    return f"Under {_quoted(study.called[strategy])}, " + "; ".join(said) + "."


def _by_how_much(row: Any) -> str:
    difference = wording.interval((row.difference, row.low, row.high), row.unit, sign=True)[0]
    unit = wording.shown_unit(row.unit, difference=True)
    return f"{difference}{wording.THIN}{unit}" if unit != "index" else difference


def _tables(study: Study) -> list[dict[str, Any]]:
    """Return the rows of each strategy's table, every number already written."""
    if study.baseline is None:
        return [{"strategy": study.keys[0], "rows": [_level_row(row, study) for row in records(study.rows)]}]
    return [
        {
            "strategy": name,
            "summary": clear_changes(study, name),
            "rows": [_contrast_row(row, study) for row in records(study.rows) if row.strategy == name],
        }
        for name in study.keys[1:]
    ]


def _meaning(row: Any, study: Study) -> str:
    meaning = study.outcomes[row.outcome].meaning if row.outcome in study.outcomes else ""
    costly = row.outcome.startswith(("spent", "cost"))
    return f"{meaning}. Rests mostly on judgement" if costly else meaning


def _contrast_row(row: Any, study: Study) -> dict[str, str]:
    numbers = (row.difference, row.low, row.high, row.spread_low, row.spread_high)
    difference, low, high, spread_low, spread_high = wording.interval(numbers, row.unit, sign=True)
    return {
        "outcome": wording.label(row.outcome),
        "meaning": _meaning(row, study),
        "baseline": wording.level(row.baseline_mean, row.unit, with_unit=row.unit == "share"),
        "mean": wording.level(row.mean, row.unit, with_unit=row.unit == "share"),
        "unit": "%" if row.unit == "share" else row.unit,
        "aim": "less is better" if row.outcome in study.outcomes and study.outcomes[row.outcome].better < 0 else "",
        "difference": f"{difference}{wording.THIN}points" if row.unit == "share" else difference,
        "interval": wording.span(low, high),
        "chance": wording.chance(row.chance_above_zero),
        "spread": wording.span(spread_low, spread_high),
        "verdict": verdict(row, study.outcomes),
    }


def _level_row(row: Any, study: Study) -> dict[str, str]:
    numbers = (row.mean, row.low, row.high, row.spread_low, row.spread_high)
    shown = wording.interval(numbers, row.unit, sign=False)
    return {
        "outcome": wording.label(row.outcome),
        "meaning": _meaning(row, study),
        "mean": f"{shown[0]}{wording.THIN}%" if row.unit == "share" else shown[0],
        "unit": "%" if row.unit == "share" else row.unit,
        "interval": wording.span(shown[1], shown[2]),
        "spread": wording.span(shown[3], shown[4]),
    }


def _figures(study: Study) -> list[dict[str, str]]:
    """Return the figures, each in two cuts, with what they show in words."""
    from ..sim.outcomes import HEADLINE as SHOWN
    from ..sim.policy import month_name
    from .figures import differences_figure, fan_figure

    plan, monthly = study.experiment.plan, study.experiment.monthly
    columns = list(monthly["outcome"].unique())
    shown = HEADLINE if HEADLINE in columns else columns[0]
    marks = {"Evaluation, May 2017": 124}
    if plan.start:
        marks |= {f"Plan starts, {month_name(plan.start)}": plan.start}
    names = wording.listed(list(study.called.values()))
    words = f"{wording.label(shown)} by month since 2007 under {names}"
    draw = partial(fan_figure, monthly, study.called, study.baseline, shown, marks, words)
    bands = (
        f"Lines are means over all runs. The band of {_quoted(study.called[study.baseline])} and the thin "
        "lines of the others hold the middle 90 % of runs, of the past the middle 50 % too"
        if study.baseline
        else "The line is the mean over all runs, the bands hold the middle 50 % and 90 % of runs"
    )
    unit = study.outcomes[shown].unit if shown in study.outcomes else ""
    found = [
        {
            "title": f"{wording.label(shown)} over the years" + (f" ({unit})" if unit else ""),
            "caption": f"{bands}.",
            "wide": draw(narrow=False),
            "narrow": draw(narrow=True),
        }
    ]
    if study.baseline is not None:
        better = {name: outcome.better for name, outcome in study.outcomes.items()}
        words = f"Paired difference from {study.called[study.baseline]} in each main outcome, with 95 % intervals"
        rows = study.rows[study.rows["outcome"].isin(SHOWN)]
        contrast = partial(differences_figure, rows if len(rows) else study.rows, study.called, better, words)
        found.append(
            {
                "title": f"Difference from {_quoted(study.called[study.baseline])}, outcome by outcome",
                "caption": "Dots are mean paired differences, thick bars their 95 % intervals, thin lines "
                "the range over parameter draws (5 to 95 %). A bar that crosses the line at zero is no clear "
                "difference. The other outcomes stand in the tables.",
                "wide": contrast(narrow=False),
                "narrow": contrast(narrow=True),
            }
        )
    return found


def _sources(study: Study) -> list[dict[str, str]]:
    """Return the evidence as text, nothing in it a link."""
    wanted = ("id", "quantity", "value", "unit", "grade", "source_title", "source_url")
    rows = [{key: _plain(row.get(key)) for key in wanted} for row in study.evidence.to_dict(orient="records")]
    return [row | {"value": row["value"].replace(",", "")} if row["unit"] == "year" else row for row in rows]


def _published(study: Study) -> list[dict[str, str]]:
    """Return what was published beside what the simulated past says, every number already written."""
    return [
        {
            "figure": row.figure,
            "unit": row.unit,
            "published": wording.separated(row.published),
            "model": wording.number(row.model, wording.significant(row.model, 3)),
            "range": wording.span(
                *(wording.number(value, wording.significant(row.model, 3)) for value in (row.low, row.high))
            ),
            "basis": row.basis,
            "role": row.role,
        }
        for row in records(study.experiment.published)
    ]


def _plain(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def render(study: Study) -> str:
    """Return the report as one HTML page that asks nothing of any network."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    plan = study.experiment.plan
    sources = _sources(study)
    grades = [
        (grade, meaning, sum(source["grade"] == grade for source in sources)) for grade, meaning in GRADES.items()
    ]
    called = list(study.called.values())
    heading = called[0] if study.baseline is None else f"{wording.listed(called[1:])}, against {called[0]}"
    return environment.get_template("report.html.j2").render(
        study=study,
        plan=plan,
        heading=heading,
        period=period(plan),
        runs=plan.draws * plan.replications,
        counted=wording.counted,
        answer=answer(study),
        tables=_tables(study),
        figures=_figures(study),
        published=_published(study),
        sources=sources,
        grades=grades,
        called=study.called,
        whys={strategy.key: strategy.why for strategy in plan.strategies},
        reasons={each.key: wording.first_sentences(each.why, SENTENCES) for each in plan.strategies},
        experiment=study.experiment,
    )
