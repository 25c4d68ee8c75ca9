"""What the commands that run strategies print: tables for people, one JSON object for programs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import wording
from .terminal import console, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from .study import Study

FROM_WIDTH = {"Baseline": 100, "Range over draws": 124}
"""Columns of a table that only a terminal of at least this width shows; the report shows them always."""

COMPARED = (
    "outcome", "unit", "strategy", "baseline", "mean", "difference", "low", "high",
    "chance_above_zero", "pairs", "spread_low", "spread_high", "variance_reduction",
)  # fmt: skip
ALONE = ("outcome", "unit", "strategy", "mean", "low", "high", "runs", "spread_low", "spread_high")


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
        ``study, fingerprint, budget, notes, cannot_tell, rows``; a number that is missing is None.
    """
    wanted = ALONE if study.baseline is None else COMPARED
    return {
        "study": None if folder is None else str(folder),
        "fingerprint": study.experiment.fingerprint,
        "budget": study.experiment.plan.budget,
        "notes": list(study.notes),
        "cannot_tell": list(study.cannot_tell),
        "rows": [{name: _value(row[name]) for name in wanted} for row in study.rows.to_dict(orient="records")],
    }


def _value(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _say(study: Study, report: Path | None) -> None:
    """Print the past, who pays, what to mind, the tables, what common luck saved, what cannot be told, the report."""
    from ..sim import OUTCOMES

    out = console()
    for sentence in (*study.history, study.money, *(f"Mind: {note}" for note in study.notes)):
        out.print(sentence, soft_wrap=True)
    if study.baseline is None:
        out.print(_level_table(study, out))
    else:
        for key in study.keys[1:]:
            out.print(_difference_table(study, key, out))
        out.print(_saving(study), soft_wrap=True)
    out.print(f"What the data cannot tell: {study.cannot_tell[0]} Costs rest mostly on judgement.", soft_wrap=True)
    more = "by place, sex, origin and need in groups.csv beside it; or with --json"
    if report is None:
        out.print(f"All {len(OUTCOMES)} outcomes: with --out DIR or --json.", soft_wrap=True)
    else:
        out.print(f"Report, with all {len(OUTCOMES)} outcomes ({more}): {report}", soft_wrap=True)


def _saving(study: Study) -> str:
    """Say how many times more runs independent seeds would need."""
    factors = study.rows["variance_reduction"].dropna()
    if study.experiment.plan.replications < 2:
        return "Saved by common luck: not available with one replication (--replications 2 or more)."
    if not len(factors):
        return "Saved by common luck: not available, since luck moved no difference."
    middle, least, most = (f"{value:.1f}" for value in (factors.median(), factors.min(), factors.max()))
    return (
        f"Variance reduction by common luck: {middle} (median over outcomes; {least} to {most}): independent "
        "seeds would need so many times more runs."
    )


def _table(title: str, lines: list[dict[str, str]]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(lines[0]):
        if number == 0:
            table.add_column(heading, min_width=18, overflow="fold")
        else:
            table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*line.values())
    return table


def _fitting(cells: dict[str, str], out: Console) -> dict[str, str]:
    """Return the cells that a terminal of this width can show; the report has them all."""
    dropped = [name for name, width in FROM_WIDTH.items() if out.width < width]
    return {name: text for name, text in cells.items() if name not in dropped}


def _difference_table(study: Study, key: str, out: Console) -> Any:
    """Return one strategy against the baseline, a line for each outcome that a terminal shows."""
    from ..sim.outcomes import HEADLINE
    from .study import records

    lines = []
    for row in records(study.rows[(study.rows["strategy"] == key) & study.rows["outcome"].isin(HEADLINE)]):
        numbers = (row.difference, row.low, row.high, row.spread_low, row.spread_high)
        difference, low, high, spread_low, spread_high = wording.interval(numbers, row.unit, sign=True)
        cells = {
            "Outcome": _outcome(row),
            "Baseline": wording.level(row.baseline_mean, row.unit),
            "Mean": wording.level(row.mean, row.unit),
            "Difference": difference,
            "95 % interval": wording.span(low, high),
            "Above 0": wording.chance(row.chance_above_zero),
            "Range over draws": wording.span(spread_low, spread_high),
        }
        lines.append(_fitting(cells, out))
    pairs = study.experiment.plan.draws * study.experiment.plan.replications
    called = study.called
    return _table(f"\n{called[key]}, against {called[study.baseline or '']} ({wording.counted(pairs, 'pair')})", lines)


def _level_table(study: Study, out: Console) -> Any:
    """Return one strategy alone, a line for each outcome that a terminal shows."""
    from ..sim.outcomes import HEADLINE
    from .study import records

    lines = []
    for row in records(study.rows[study.rows["outcome"].isin(HEADLINE)]):
        numbers = (row.mean, row.low, row.high, row.spread_low, row.spread_high)
        mean, low, high, spread_low, spread_high = wording.interval(numbers, row.unit, sign=False)
        cells = {
            "Outcome": _outcome(row),
            "Mean": mean,
            "95 % interval of the mean": wording.span(low, high),
            "Range over draws": wording.span(spread_low, spread_high),
        }
        lines.append(_fitting(cells, out))
    runs = study.experiment.plan.draws * study.experiment.plan.replications
    return _table(f"\n{study.called[study.keys[0]]} ({wording.counted(runs, 'run')})", lines)


def _outcome(row: Any) -> str:
    return f"{wording.label(row.outcome)} ({wording.shown_unit(row.unit)})"
