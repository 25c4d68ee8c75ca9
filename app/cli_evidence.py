"""``idmaj evidence``: the published figures, what each rests on, and whether each can be what it says it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..sim.errors import UserError
from . import wording
from .terminal import console, print_json

if TYPE_CHECKING:
    import pandas as pd

GRADES = {"A": "official or peer-reviewed", "B": "press", "C": "worked out from A and B"}
SHOWN = (
    *("period", "geography", "population", "denominator", "counting_rule"),
    *("source_title", "source_url", "note"),
)  # fmt: skip
"""Columns that `show` prints as they are, under their own names."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
File = Annotated[Path | None, typer.Option("--file", metavar="CSV", help="Your own figures, in the same columns.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="Published figures: list, show, check.", no_args_is_help=True)
    group.command("list")(list_)
    group.command()(show)
    group.command()(check)
    app.add_typer(group, name="evidence")


def list_(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD]...", help="Only figures that say all of these.")
    ] = None,
    grade: Annotated[str | None, typer.Option("--grade", metavar="A|B|C", help="Only figures of this grade.")] = None,
    file: File = None,
    as_json: Json = False,
) -> None:
    """List the published figures, all or those that say some words.

    Example: idmaj evidence list survival --grade A
    """
    from ..calibration.figures import load_figures

    if grade is not None and grade.upper() not in GRADES:
        raise UserError(f"--grade: found {grade!r}; accepted: {', '.join(GRADES)}")
    figures = load_figures(file)
    text = figures.drop(columns=["value", "low", "high", "k", "n"]).agg(" ".join, axis=1).str.lower()
    for word in words or []:
        figures = figures[text.reindex(figures.index).str.contains(word.lower(), regex=False)]
    if grade is not None:
        figures = figures[figures["grade"] == grade.upper()]
    if as_json:
        print_json(_records(figures))
        return
    out = console()
    if len(figures):
        table = _table("Id", "Figure", "Value", "Unit", "When", "Grade")
        for row in figures.to_dict("records"):
            table.add_row(*(row[name] for name in ("id", "quantity", "printed", "unit", "period", "grade")))
        out.print(table)
    out.print(f"{wording.counted(len(figures), 'figure')}; all of one: idmaj evidence show {_first(figures)}")


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="An id such as P001.")],
    n: Annotated[
        list[int] | None, typer.Option("--n", metavar="N", min=1, help="Try this denominator too; may be repeated.")
    ] = None,
    file: File = None,
    as_json: Json = False,
) -> None:
    """Show a figure: source, unit, grade, denominator, counting rule, and which whole numbers can stand behind it.

    Example: idmaj evidence show P001
    """
    from ..calibration.figures import figure
    from ..calibration.rounding import check_shares

    row = figure(id if file else id.strip().upper(), file)
    row["n"] = tuple(dict.fromkeys((*row["n"], *(n or ()))))
    one = row.to_frame().T
    checked = check_shares(one)
    if n and checked.empty:
        raise UserError(f"--n: found {n[0]} for {id}; accepted: with a share, and {id} is none")
    if as_json:
        print_json(_records(one)[0] | {"rounding": _records(checked)})
        return
    from rich.table import Table

    out = console()
    out.print(f"{row['id']}  {row['quantity']}: {row['printed']} {row['unit']}")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    if row["low"] == row["low"] or row["high"] == row["high"]:
        grid.add_row("  range", f"{row['low']:g} to {row['high']:g}")
    grid.add_row("  grade", f"{row['grade']} ({GRADES[row['grade']]})")
    for name in SHOWN:
        if row[name]:
            grid.add_row(f"  {name.replace('_', ' ')}", row[name])
    for line in checked.to_dict("records"):
        grid.add_row(f"  {line['verdict']}", line["says"])
    out.print(grid)


def check(file: File = None, as_json: Json = False) -> None:
    """Check that every figure has source, unit and grade, and that whole numbers can give every share.

    Example: idmaj evidence check
    """
    from ..calibration.figures import load_figures
    from ..calibration.rounding import check_shares

    figures = load_figures(file)
    tables = _other_tables() if file is None else {}
    shares = check_shares(figures)
    grades = {grade: int((figures["grade"] == grade).sum()) for grade in GRADES}
    if as_json:
        rows = {"evidence.csv" if file is None else str(file): len(figures)} | tables
        print_json({"valid": True, "rows": rows, "grades": grades, "shares": _records(shares)})
        return
    out = console()
    counted = ", ".join(f"{number} {grade} ({GRADES[grade]})" for grade, number in grades.items())
    out.print(f"{wording.counted(len(figures), 'figure')}, each with source, unit and grade: {counted}.")
    for name, rows in tables.items():
        out.print(f"{name}: {wording.counted(rows, 'row')}, read without a fault.")
    stated = shares[shares["verdict"] != "not stated"]
    some = f"{shares['id'].nunique()} are shares; {stated['id'].nunique()} of these have a number to check against"
    out.print(f"\n{some}. Can a whole number give what was printed?")
    table = _table("Id", "Printed", "Of", "Verdict", "Because")
    for row in _records(stated):
        of = "not stated" if row["n"] is None else f"{row['n']:,}"
        table.add_row(row["id"], f"{row['printed']} %", of, row["verdict"], row["says"])
    out.print(table)
    out.print(
        "Impossible: that number is not the denominator, or the share is weighted. What a denominator is in words, "
        "and who counts: idmaj evidence show ID.",
        soft_wrap=True,
    )


def _other_tables() -> dict[str, int]:
    """Read the other bundled tables strictly; return how many rows each has."""
    from ..calibration import figures

    loaders = {
        figures.PROGRAMME.file: figures.load_programme_by_year,
        figures.STOCKS.file: figures.load_stocks,
        figures.FLOWS.file: figures.load_flows,
        figures.DEMOGRAPHICS.file: figures.load_demographics,
        figures.PRIORS.file: figures.load_priors,
    }
    return {name: len(load()) for name, load in loaders.items()}


def _first(figures: pd.DataFrame) -> str:
    return str(figures["id"].iloc[0]) if len(figures) else "P001"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows for JSON: what is missing is None."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): list(cell) if isinstance(cell, tuple) else cell for key, cell in row.items()} for row in rows]


def _table(*headings: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Id", "Grade", "Printed", "Verdict"))
    return table
