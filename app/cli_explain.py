"""``idmaj explain``: what a term of the model means, what it rests on and where it acts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .terminal import console, print_json

if TYPE_CHECKING:
    from ..sim.glossary import Term

GROUPS = {
    "parameter": "Parameters",
    "lever": "Levers",
    "outcome": "Outcomes of {of}",
    "table": "Tables",
    "column": "Columns of {of}",
    "category": "Categories",
    "word": "Words of {of}",
    "rule": "Rules",
    "phase": "Phases of the month",
    "strategy": "Strategies",
}
"""Heading of each group of terms."""
ABROAD = ("outcome", "column", "word")
"""Kinds whose terms say what they are of."""
HOW = {(True, False): "read by", (False, True): "written by", (True, True): "changed by"}
"""What a function does with a term, by whether it reads and whether it writes."""


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(explain)


def explain(
    term: Annotated[
        str | None,
        typer.Argument(
            metavar="TERM",
            help="A parameter, lever, column, outcome, word, rule or strategy; or all of a kind: 'outcomes', 'levers'.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say what a term means, its value, the evidence behind it and where it acts; without TERM, list all.

    Example: idmaj explain failure_level
    """
    from .explain import all_terms, entry, found_by, of_kind

    several = [] if term is None else of_kind(term)
    found = list(all_terms()) if term is None else several or found_by(term)
    if as_json:
        print_json([entry(each) for each in found])
    elif term is None:
        _list(found)
    elif several:
        _list_meanings(found)
    else:
        for each in found:
            _show(each, entry(each))


def _list(terms: Sequence[Term]) -> None:
    """Print every term by group, as compactly as it can be read."""
    groups: dict[str, list[str]] = {}
    for term in terms:
        name = term.spellings[-1] if term.kind == "lever" else term.name
        groups.setdefault(GROUPS[term.kind].format(of=term.of), []).append(name)
    out = console()
    for heading, names in groups.items():
        out.print(Text(heading, style="bold"))
        out.print(Padding(", ".join(names), (0, 0, 1, 2)))
    out.print("A name of several tables is asked for alone or with its table: 'need', 'business.need'.")


def _list_meanings(terms: Sequence[Term]) -> None:
    """Print every term of a kind with its unit and meaning."""
    out = console()
    for term in terms:
        name = term.spellings[-1] if term.kind == "lever" else term.name
        unit = f" ({term.unit})" if term.unit else ""
        out.print(f"{name}{unit}: {term.meaning}", soft_wrap=True)


def _show(term: Term, said: dict[str, Any]) -> None:
    out = console()
    name = said.get("spelling", term.name)
    where = f" of {term.of}" if term.kind in ABROAD else f", {term.of}" if term.kind in ("rule", "phase") else ""
    out.print(Text.assemble((name, "bold"), f": {term.meaning}"))
    out.print(f"  {term.kind}{where}")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for label, text in _lines(term, said):
        grid.add_row(f"  {label}", text)
    if grid.row_count:
        out.print(grid)
    if term.acts:
        out.print(_acts(term))
    elif term.kind == "word":
        out.print("  No rule names it: it is what holds where no other word does, or only stands in a table.")
    out.print()


def _lines(term: Term, said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return what is said of a term in lines of a label and a text."""
    from .explain import TODAY, rests_on

    if term.unit:
        yield "unit", term.unit
    if term.kind == "lever":
        yield "in Python", term.name
        yield "today", f"{_words(said['value'])}, under '{TODAY}'"
        yield "default", _words(said["default"])
        yield "accepted", said["accepted"]
    elif term.kind == "parameter":
        yield "value", _prior(said)
    elif term.kind == "strategy":
        yield "value", f"{said['value']}; all settings: idmaj strategies show {term.name}"
    elif term.kind == "word":
        yield "in tables", f"{term.number}, in {', '.join(term.words) or 'no column'}"
    if said["fitted"]:
        yield "fitted", _fitted(said["fitted"])
    if term.words and term.kind not in ("word", "lever"):
        yield ("columns" if term.kind == "table" else "words"), ", ".join(term.words)
    if said["basis"]:
        yield ("set by" if term.kind == "lever" else "rests on"), rests_on(said)
    for figure in said["evidence"]:
        yield figure["id"], _figure(figure)


def _prior(said: dict[str, Any]) -> str:
    if said["shape"] == "fixed":
        return f"{_words(said['value'])} (fixed)" if said["low"] is not None else str(said["value"])
    interval = f"{_short(said['low'])} to {_short(said['high'])}"
    return f"{_short(said['value'])}, 90 % interval {interval} ({said['shape']} prior)"


def _fitted(fitted: dict[str, Any]) -> str:
    if "shares" in fitted:
        return ", ".join(f"{word} {100 * share:.0f} %" for word, share in fitted["shares"].items()) + " of the draws"
    moved = fitted["label"]
    if fitted["contraction"] is not None:
        moved += f", {100 * fitted['contraction']:.0f} % of the prior variance is gone"
    return f"mean {_short(fitted['mean'])}, 90 % interval {_short(fitted['low'])} to {_short(fitted['high'])} ({moved})"


def _figure(figure: dict[str, Any]) -> str:
    value = "" if figure["value"] is None else f"{_short(figure['value'])} "
    what = f": {figure['quantity']}" if figure["quantity"] else ""
    year = f", {figure['year']}" if figure["year"] else ""
    return f"{value}{figure['unit']}{what}{year}. {figure['source']}, grade {figure['grade']}"


def _acts(term: Term) -> Table:
    """Return the functions in which a term acts: rules first, then phases, then what stands around them."""
    table = Table.grid(padding=(0, 2))
    for column in range(3):
        table.add_column(no_wrap=column < 2, overflow="fold", style="dim" if column == 0 else None)
    callers = term.kind in ("rule", "phase")
    order = ("sim/rules/", "sim/phases/", "sim/")
    ranks = {act: next(rank for rank, start in enumerate(order) if act.file.startswith(start)) for act in term.acts}
    for act in sorted(term.acts, key=ranks.__getitem__):
        how = "used by" if callers else HOW[act.reads, act.writes]
        table.add_row(f"  {how}", f"{act.file} {act.function}", act.sentence)
    return table


def _words(value: bool | float | str) -> str:
    from ..sim.strategy_words import number

    return str(value).lower() if isinstance(value, bool | str) else number(value)


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
