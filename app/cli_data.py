"""``idmaj data``: files of one's own: how they must look, whether one is right, and synthetic examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..scenarios.language import _, later, many
from ..sim.errors import UserError
from .options import LARGEST_SEED, decimal, whole, within
from .terminal import console, print_json, start_month, write_file

if TYPE_CHECKING:
    from ..calibration.data_check import Checked
    from ..calibration.schemas import Schema

COLUMNS = (later("Column"), later("Unit"), later("Needed"), later("Meaning"), later("Accepted"))
"""Headings of the table of a schema."""
KINDS = ("spells", "cohorts", "figures", "priors")
MOST_AGRS = 1_000_000
LEVELS = {"fine": later("fine"), "note": later("note"), "warning": later("mind")}

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="Data of your own: schema, check, example.", no_args_is_help=True)
    group.command()(schema)
    group.command()(check)
    group.command()(example)
    app.add_typer(group, name="data")


def schema(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="spells, cohorts, figures or priors; by default all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print how a file must look: each column with its unit, its meaning and what is accepted.

    Example: idmaj data schema spells
    """
    from ..calibration.schemas import SCHEMAS

    schemas = list(SCHEMAS.values()) if kind is None else [SCHEMAS[_kind(kind)]]
    if as_json:
        print_json([_schema(each) for each in schemas])
        return
    for each in schemas:
        _show(each)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or TOML file of one of the four kinds.")],
    as_json: Json = False,
) -> None:
    """Check a file and say in plain words what to mind. No row is printed, and no count under five.

    Exit code 0 if it can be used, 2 if it has mistakes.

    Example: idmaj data check register.csv
    """
    from ..calibration.data_check import check_file
    from ..calibration.reading import EvidenceError

    try:
        found = check_file(file)
    except EvidenceError as error:
        if as_json:
            print_json({"file": str(file), "valid": False, "problems": list(error.problems)})
        raise
    if as_json:
        print_json(_checked(found))
        return
    out = console()
    warnings = many("{n} warning", "{n} warnings", found.warnings) if found.warnings else _("no warning")
    about = {"file": file, "kind": found.kind, "rows": _rows(found), "warnings": warnings}
    out.print(_("{file}: {rows} of {kind}, can be used; {warnings}.", **about) + "\n", soft_wrap=True)
    width = max(len(_(level)) for level in LEVELS.values())
    for finding in found.findings:
        said = _("{name}: {value}", name=_(finding.check), value=finding.says)
        out.print(f"  {_(LEVELS[finding.level]):{width}}  {said}", soft_wrap=True)
        if finding.table is not None:
            table = _table(*finding.table.columns)
            for row in finding.table.itertuples(index=False):
                table.add_row(*map(_cell, row))
            out.print(table)


def example(
    kind: Annotated[str, typer.Argument(metavar="[KIND]", help="spells, cohorts, figures or priors.")] = "spells",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write it; by default example_KIND here.")
    ] = None,
    n: Annotated[int, typer.Option("--n", parser=whole, metavar="N", help="AGRs that opened.")] = 500,
    seed: Annotated[int, typer.Option("--seed", parser=whole, metavar="N", help="The same seed, the same file.")] = 1,
    clean: Annotated[bool, typer.Option("--clean", help="A register without faults.")] = False,
    visits: Annotated[
        float, typer.Option("--visits", parser=decimal, metavar="MONTHS", help="Months between visits, or 0.")
    ] = 6,
    opened: Annotated[str, typer.Option("--opened", metavar="YYYY-MM", help="When the register opened.")] = "2010-01",
    lost: Annotated[
        float, typer.Option("--lost", parser=decimal, metavar="0-1", help="Share lost to follow-up.")
    ] = 0.15,
    unknown: Annotated[
        float, typer.Option("--unknown", parser=decimal, metavar="0-1", help="Share of causes not known.")
    ] = 0.2,
    missing: Annotated[
        float, typer.Option("--missing", parser=decimal, metavar="0-1", help="Share of empty covariates.")
    ] = 0.0,
    whole_months: Annotated[bool, typer.Option("--whole-months", help="Dates known to the month only.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files of these names.")] = False,
) -> None:
    """Write a synthetic file, labelled so, and beside it the truth it was made from.

    Example: idmaj data example spells --out register.csv --seed 7
    """
    within("--n", n, 1, MOST_AGRS)
    within("--seed", seed, 0, LARGEST_SEED)
    from ..calibration.examples import example as make
    from ..calibration.schemas import SCHEMAS
    from ..calibration.synthetic import Defects, Truth

    form = SCHEMAS[_kind(kind)].form.lower()
    path = out or Path(f"example_{kind}.{form}")
    beside = path.with_suffix(".truth.toml")
    since = float(start_month(opened, "--opened"))
    faults = Defects(visits, since, lost, unknown, missing, whole_months)
    text, truth = make(kind, Truth(), Defects() if clean else faults, n, seed)
    for each in (path, beside):
        if each.exists() and not force:
            raise UserError(
                "{each}: found a file of that name, accepted a new name; to replace it add --force", each=each
            )
    write_file(path, text, force)
    write_file(beside, truth, force)
    screen = console()
    said = _("Wrote {path}, a synthetic example, and its truth, {beside}. Next:", path=path, beside=beside)
    screen.print(said, soft_wrap=True)
    screen.print(f"    idmaj data check {path}", soft_wrap=True)


def _kind(text: str) -> str:
    if text not in KINDS:
        from difflib import get_close_matches

        near = get_close_matches(text, KINDS, 1)
        hint = _("; nearest: {near!r}", near=near[0]) if near else ""
        raise UserError("KIND: found {text!r}; accepted: {names}{hint}", text=text, names=", ".join(KINDS), hint=hint)
    return text


def _schema(schema: Schema) -> dict[str, Any]:
    columns = [
        {
            "name": column.name,
            "unit": column.unit,
            "required": column.required,
            "meaning": _(column.meaning),
            "accepted": column.kind.accepted,
        }
        for column in schema.columns
    ]
    about = {"kind": schema.name, "form": schema.form, "row": _(schema.row)}
    return about | {"columns": columns, "notes": [_(note) for note in schema.notes]}


def _show(schema: Schema) -> None:
    from ..calibration.schemas import FORMS

    out = console()
    about = {"name": schema.name, "row": _(schema.row), "form": _(FORMS[schema.form])}
    out.print(_("{name}: {row}. {form}", **about), soft_wrap=True)
    table = _table(*COLUMNS)
    for column in schema.columns:
        needed = _("yes") if column.required else ""
        table.add_row(column.name, _(column.unit), needed, _(column.meaning), column.kind.accepted)
    out.print(table)
    for note in schema.notes:
        out.print(f"  {_(note)}", soft_wrap=True)
    out.print()


def _checked(found: Checked) -> dict[str, Any]:
    findings = [
        {
            "check": finding.check,
            "level": finding.level,
            "says": finding.says,
            "table": None if finding.table is None else finding.table.to_dict("records"),
        }
        for finding in found.findings
    ]
    rows = found.rows if found.shown_rows == f"{found.rows:,}" else None  # few AGRs are not counted out
    about = {"file": found.file, "valid": True, "kind": found.kind, "rows": rows}
    return about | {"warnings": found.warnings, "findings": findings}


def _rows(found: Checked) -> str:
    """Say how many rows there are: few AGRs are not counted out."""
    if found.shown_rows == f"{found.rows:,}":
        return many("{n} row", "{n} rows", found.rows)
    return _("{count} rows", count=found.shown_rows)


def _cell(cell: str) -> str:
    """Return a cell of a finding's table in the language spoken: codes and names stay as they stand in the file."""
    from ..calibration.privacy import told
    from ..calibration.spell_checks import NOT_KNOWN, THIRDS

    return _(cell) if cell in (*THIRDS, NOT_KNOWN) else told(cell)


def _table(*headings: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(_(heading), overflow="fold", no_wrap=heading in ("Column", "Needed"))
    return table
