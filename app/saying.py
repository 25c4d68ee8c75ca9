"""What the commands that run strategies print: tables for people, one JSON object for programs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, many, month
from . import wording
from .choosing import facts
from .terminal import console, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from ..scenarios.experiment import Plan
    from .study import Study

OVER_DRAWS, ABOVE = "5-95 % of draws", "Draws\nabove 0"
OUTCOME, BASELINE, MEAN, DIFFERENCE = "Outcome", "Baseline", "Mean", "Difference"
INTERVAL, OF_MEAN = "95 % interval", "95 % interval of the mean"
HEADINGS = (OUTCOME, BASELINE, MEAN, DIFFERENCE, INTERVAL, OF_MEAN, ABOVE, OVER_DRAWS)
FROM_WIDTH = {BASELINE: 100, OVER_DRAWS: 124}
"""Columns of a table that only a terminal of at least this width shows; the report shows them always."""
WIDEST_TEXT = 100
LESS = "\u2193"
"""Marks an outcome of which less is better."""
SENTENCES = 2
"""Of why a strategy is as it is, above its table."""

COMPARED = (
    "outcome", "unit", "strategy", "baseline", "mean", "difference", "low", "high",
    "chance_above_zero", "pairs", "spread_low", "spread_high", "variance_reduction",
    "baseline_mean", "luck_share", "interval",
)  # fmt: skip
ALONE = (
    "outcome", "unit", "strategy", "mean", "low", "high", "runs", "spread_low", "spread_high", "luck_share", "interval",
)  # fmt: skip


def say(study: Study, folder: Path, as_json: bool, remarks: list[str]) -> None:
    """Print what was found, for a program or for people; remarks on how it was run go to people only."""
    if as_json:
        print_json(json_object(study, folder))
        return
    _say(study, folder / "report.html")
    for remark in remarks:
        console().print(remark, soft_wrap=True)


def json_object(study: Study, folder: Path | None) -> dict[str, Any]:
    """Return the study as programs read it.

    Parameters
    ----------
    study : Study
    folder : Path or None
        Where it was written.

    Returns
    -------
    dict
        ``study, fingerprint, budget, notes, tells, cannot_tell, best, choice, rows``; a number that is missing is
        None. `best` (None of fewer than three strategies): ``outcome, strategy, chance, zone, over, table``.
    """
    wanted = ALONE if study.baseline is None else COMPARED
    return {
        "study": None if folder is None else str(folder),
        "fingerprint": study.experiment.fingerprint,
        "budget": study.experiment.plan.budget,
        "notes": list(study.notes),
        "tells": list(study.tells),
        "cannot_tell": list(study.cannot_tell),
        "best": facts(study.best),
        "choice": list(study.choice),
        "rows": [{name: _value(row[name]) for name in wanted} for row in study.rows.to_dict(orient="records")],
    }


def _value(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _say(study: Study, report: Path | None) -> None:
    """Print the past, who pays, what to mind, the tables, how to read them, what cannot be told, the report."""
    from ..sim import OUTCOMES

    out = console()
    for sentence in (*study.history, study.money, *(_("Mind: {note}", note=note) for note in study.notes)):
        out.print(sentence, soft_wrap=True)
    out.print("\n" + _("What the data can and cannot tell"), style="bold")
    for sentence in study.tells:
        out.print(f"- {sentence}", soft_wrap=True)
    for key in study.keys if study.baseline is None else study.keys[1:]:
        _say_table(study, key, out)
    for sentence in (*study.choice, *_reading(study, out)):
        out.print(sentence, soft_wrap=True)
    cannot = _("What the data cannot tell: {first} Costs rest mostly on judgement.", first=study.cannot_tell[0])
    out.print(cannot, soft_wrap=True)
    if report is None:
        where = _("All {count} outcomes: with --out DIR or --json.", count=len(OUTCOMES))
    else:
        where = _(
            "Report, with all {count} outcomes (by place, sex, origin and need in groups.csv beside it; or with "
            "--json): {file}",
            count=len(OUTCOMES), file=report,
        )  # fmt: skip
    out.print(where, soft_wrap=True)
    if study.baseline is not None:
        out.print(_saving(study), soft_wrap=True)


def _say_table(study: Study, key: str, out: Console) -> None:
    """Print the table of a strategy under its title, its dates and why it is as it is."""
    from rich.text import Text

    plan = study.experiment.plan
    about = _(", ").join([period(plan), many("{n} run", "{n} runs", plan.runs)])
    out.print(Text(f"\n{study.title(key)} ({about})", style="bold"), soft_wrap=True)
    why = {strategy.key: _(strategy.why) for strategy in plan.strategies}[key]
    out.print(wording.first_sentences(why, SENTENCES), width=min(WIDEST_TEXT, out.width))
    lines = _level_lines(study, out) if study.baseline is None else _difference_lines(study, key, out)
    out.print(_table(lines))


def period(plan: Plan) -> str:
    """Return first and last month of a plan."""
    return wording.span(month(plan.start), month(plan.months - 1))


def _reading(study: Study, out: Console) -> list[str]:
    """Say how the tables are to be read: what stands in them, and what was left out of them."""
    from ..sim.outcomes import HEADLINE
    from .study import records

    rows = records(study.rows[study.rows["outcome"].isin(HEADLINE)])
    draws = study.experiment.plan.draws
    said = [_("{sign} less is better.", sign=LESS) if any(_less(row) for row in rows) else ""]
    if study.baseline is not None:
        said.append(
            _(
                "Draws above 0: in how many of the {draws} draws the mean difference is above 0.",
                draws=wording.number(draws),
            )
        )
    if out.width >= FROM_WIDTH[OVER_DRAWS]:
        said.append(
            _("5-95 % of draws: the middle 90 % of the draws' means; the mean lies outside where few draws go far.")
        )
    skewed = list(dict.fromkeys(wording.label(row.outcome).lower() for row in rows if row.interval == "bootstrap-t"))
    usual = _("t over draws") if draws > 1 else _("t over replications")
    how = _("95 % intervals: {usual}.", usual=usual)
    if skewed:
        how = _(
            "95 % intervals: {usual}, of {outcomes} bootstrap-t (few draws go far, or a ratio of means).",
            usual=usual, outcomes=wording.listed(skewed),
        )  # fmt: skip
    found = [" ".join(filter(None, said)), how]
    dropped = [name for name in _dropped(out) if name != BASELINE or study.baseline is not None]
    if dropped:
        wide = max(FROM_WIDTH[name] for name in dropped)
        found.append(
            _(
                "Not shown for want of width: {columns}; a terminal of {width} columns and the report show them.",
                columns=wording.listed([_(name) for name in dropped]), width=wide,
            )
        )  # fmt: skip
    return found


def _saving(study: Study) -> str:
    """Say how many times more runs independent seeds would need."""
    factors = study.rows["variance_reduction"].dropna()
    if study.experiment.plan.replications < 2:
        return _("Shared luck: what it saves is not available with one replication (--replications 2 or more).")
    if not len(factors):
        return _("Shared luck: what it saves is not available, since luck moved no difference.")
    middle, least, most = (wording.number(value, 1) for value in (factors.median(), factors.min(), factors.max()))
    return _(
        "Shared luck: all strategies meet the same people and the same luck. With luck of its own for each, {middle} "
        "times as many replications would be needed to know the differences as well (median over outcomes; {least} to "
        "{most}).",
        middle=middle, least=least, most=most,
    )  # fmt: skip


def _table(lines: list[dict[str, str]]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(lines[0]):
        if number == 0:
            table.add_column(_(heading), min_width=18, overflow="fold")
        else:
            table.add_column(_(heading), justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*line.values())
    return table


def _fitting(cells: dict[str, str], out: Console) -> dict[str, str]:
    """Return the cells that a terminal of this width can show; the report has them all."""
    dropped = _dropped(out)
    return {name: text for name, text in cells.items() if name not in dropped}


def _dropped(out: Console) -> list[str]:
    """Return the columns for which a terminal is too narrow."""
    return [name for name, width in FROM_WIDTH.items() if out.width < width]


def _difference_lines(study: Study, key: str, out: Console) -> list[dict[str, str]]:
    """Return one strategy against the baseline, a line for each outcome that a terminal shows."""
    from ..sim.outcomes import HEADLINE
    from .study import records

    lines = []
    for row in records(study.rows[(study.rows["strategy"] == key) & study.rows["outcome"].isin(HEADLINE)]):
        numbers = (row.difference, row.low, row.high, row.spread_low, row.spread_high)
        difference, low, high, spread_low, spread_high = wording.interval(numbers, row.unit, sign=True)
        cells = {
            OUTCOME: _outcome(row),
            BASELINE: wording.level(row.baseline_mean, row.unit),
            MEAN: wording.level(row.mean, row.unit),
            DIFFERENCE: difference,
            INTERVAL: wording.span(low, high),
            ABOVE: wording.chance(row.chance_above_zero),
            OVER_DRAWS: wording.span(spread_low, spread_high),
        }
        lines.append(_fitting(cells, out))
    return lines


def _level_lines(study: Study, out: Console) -> list[dict[str, str]]:
    """Return one strategy alone, a line for each outcome that a terminal shows."""
    from ..sim.outcomes import HEADLINE
    from .study import records

    lines = []
    for row in records(study.rows[study.rows["outcome"].isin(HEADLINE)]):
        numbers = (row.mean, row.low, row.high, row.spread_low, row.spread_high)
        mean, low, high, spread_low, spread_high = wording.interval(numbers, row.unit, sign=False)
        cells = {
            OUTCOME: _outcome(row),
            MEAN: mean,
            OF_MEAN: wording.span(low, high),
            OVER_DRAWS: wording.span(spread_low, spread_high),
        }
        lines.append(_fitting(cells, out))
    return lines


def _outcome(row: Any) -> str:
    return f"{wording.label(row.outcome)} ({wording.shown_unit(row.unit)})" + (f" {LESS}" if _less(row) else "")


def _less(row: Any) -> bool:
    """Say whether less of an outcome is better."""
    from ..sim import OUTCOMES

    return row.outcome in OUTCOMES and OUTCOMES[row.outcome].better < 0
