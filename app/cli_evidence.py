"""``idmaj evidence``: the published figures, what each rests on, and whether each can be what it says it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..scenarios.language import _, later, many, written
from ..sim.errors import UserError
from .terminal import console, print_json

if TYPE_CHECKING:
    import pandas as pd

GRADES = {"A": later("official or peer-reviewed"), "B": later("press"), "C": later("worked out from A and B")}
SHOWN = {
    "period": later("period"),
    "geography": later("geography"),
    "population": later("population"),
    "denominator": later("denominator"),
    "counting_rule": later("counting rule"),
    "source_title": later("source title"),
    "source_url": later("source url"),
    "note": later("note"),
}
"""Columns that `show` prints as they are, and what each is called."""
LISTED = (later("Id"), later("Figure"), later("Value"), later("Unit"), later("When"), later("Grade"))
CHECKED = (later("Id"), later("Printed"), later("Of {n}"), later("Verdict"), later("Because"))
"""Headings of the tables of `list` and `check`; over a column of numbers, `{n}` is left out."""

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
        raise UserError("--grade: found {grade!r}; accepted: {names}", grade=grade, names=", ".join(GRADES))
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
        table = _table(*LISTED)
        for row in figures.assign(printed=figures["printed"].map(written)).to_dict("records"):
            table.add_row(*(row[name] for name in ("id", "quantity", "printed", "unit", "period", "grade")))
        out.print(table)
    count = many("{n} figure", "{n} figures", len(figures))
    out.print(_("{figures}; all of one: idmaj evidence show {id}", figures=count, id=_first(figures)))


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
        raise UserError("--n: found {n} for {id}; accepted: with a share, and {id} is none", n=n[0], id=id)
    if as_json:
        print_json(_records(one)[0] | {"rounding": _records(checked)})
        return
    from rich.table import Table

    out = console()
    value = f"{written(row['printed'])} {row['unit']}"
    out.print(row["id"] + "  " + _("{name}: {value}", name=row["quantity"], value=value))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    if row["low"] == row["low"] or row["high"] == row["high"]:
        low, high = (written(f"{row[name]:g}") for name in ("low", "high"))
        grid.add_row("  " + _("range"), _("{low} to {high}", low=low, high=high))
    meaning = GRADES[row["grade"]]
    grid.add_row("  " + _("grade"), f"{row['grade']} ({_(meaning)})")
    for name, words in SHOWN.items():
        if row[name]:
            grid.add_row(f"  {_(words)}", row[name])
    for verdict, says in zip(checked["verdict"], checked["says"], strict=True):
        grid.add_row(f"  {_(verdict)}", says)
    out.print(grid)


def check(file: File = None, as_json: Json = False) -> None:
    """Check that every figure has source, unit and grade, and that whole numbers can give every share.

    Example: idmaj evidence check
    """
    from ..calibration.figures import load_figures
    from ..calibration.rounding import UNSTATED, check_shares

    figures = load_figures(file)
    tables = _other_tables() if file is None else {}
    shares = check_shares(figures)
    grades = {grade: int((figures["grade"] == grade).sum()) for grade in GRADES}
    if as_json:
        rows = {"evidence.csv" if file is None else str(file): len(figures)} | tables
        print_json({"valid": True, "rows": rows, "grades": grades, "shares": _records(shares)})
        return
    out = console()
    counted = _(", ").join(
        _("{number} {grade} ({meaning})", number=number, grade=grade, meaning=_(GRADES[grade]))
        for grade, number in grades.items()
    )
    count = many("{n} figure", "{n} figures", len(figures))
    out.print(_("{figures}, each with source, unit and grade: {counted}.", figures=count, counted=counted))
    for name, number in tables.items():
        out.print(_("{name}: {rows}, read without a fault.", name=name, rows=many("{n} row", "{n} rows", number)))
    stated = shares[shares["verdict"] != UNSTATED]
    said = _(
        "{shares} are shares; {stated} of these have a number to check against. Can a whole number give what was "
        "printed?",
        shares=shares["id"].nunique(),
        stated=stated["id"].nunique(),
    )
    out.print(f"\n{said}")
    table = _table(*CHECKED)
    for row in _records(stated):
        of = _("not stated") if row["n"] is None else written(f"{row['n']:,}")
        share = _("{number} %", number=written(row["printed"]))
        verdict = row["verdict"]
        table.add_row(row["id"], share, of, _(verdict), row["says"])
    out.print(table)
    said = _(
        "Impossible: that number is not the denominator, or the share is weighted. What a denominator is in words, "
        "and who counts: idmaj evidence show ID."
    )
    out.print(said, soft_wrap=True)


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
        table.add_column(
            _(heading, n="").strip(), overflow="fold", no_wrap=heading in ("Id", "Grade", "Printed", "Verdict")
        )
    return table
