"""``idmaj explain``: what a term of the model means, what it rests on and where it acts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..scenarios.labels import percent
from ..scenarios.language import _, later, written
from ..sim.errors import UserError
from .terminal import console, print_json

if TYPE_CHECKING:
    from ..sim.glossary import Term

GROUPS = {
    "parameter": later("Parameters"),
    "lever": later("Levers"),
    "outcome": later("Outcomes of {of}"),
    "table": later("Tables"),
    "column": later("Columns of {of}"),
    "category": later("Categories"),
    "word": later("Words of {of}"),
    "rule": later("Rules"),
    "phase": later("Phases of the month"),
    "strategy": later("Strategies"),
}
"""Heading of each group of terms."""
KINDS = {
    "parameter": later("parameter"),
    "lever": later("lever"),
    "outcome": later("outcome of {of}"),
    "table": later("table"),
    "column": later("column of {of}"),
    "category": later("category"),
    "word": later("word of {of}"),
    "rule": later("rule, {of}"),
    "phase": later("phase, {of}"),
    "strategy": later("strategy"),
}
"""What a term is, and of what where it says so."""
HOW = {(True, False): later("read by"), (False, True): later("written by"), (True, True): later("changed by")}
"""What a function does with a term, by whether it reads and whether it writes."""
SHAPES = (later("lognormal"), later("normal"), later("share"))
"""Shapes of a prior that is not fixed."""


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
    from .explain import all_terms, entry, found_by, of_kind, speaking_of

    several = [] if term is None else of_kind(term)
    try:
        found = list(all_terms()) if term is None else several or found_by(term)
    except UserError:
        found = several = [] if as_json or term is None else speaking_of(term)
        if not found:
            raise
        console().print(_("No term is called '{asked}'. These speak of it:", asked=term) + "\n", soft_wrap=True)
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
        groups.setdefault(_(GROUPS[term.kind], of=term.of), []).append(name)
    out = console()
    for heading, names in groups.items():
        out.print(Text(heading, style="bold"))
        out.print(Padding(_(", ").join(names), (0, 0, 1, 2)))
    out.print(_("A name of several tables is asked for alone or with its table: 'need', 'business.need'."))


def _list_meanings(terms: Sequence[Term]) -> None:
    """Print every term of a kind with its unit and meaning."""
    from .explain import meaning, unit_of

    out = console()
    for term in terms:
        name = term.spellings[-1] if term.kind == "lever" else term.name
        name += f" ({unit_of(term.unit)})" if term.unit else ""
        out.print(_("{name}: {value}", name=name, value=meaning(term)), soft_wrap=True)


def _show(term: Term, said: dict[str, Any]) -> None:
    out = console()
    name = said.get("spelling", term.name)
    line = Text(_("{name}: {value}", name=name, value=said["meaning"]))
    line.stylize("bold", 0, len(name))
    out.print(line)
    out.print(f"  {_(KINDS[term.kind], of=term.of)}")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for label, text in _lines(term, said):
        grid.add_row(f"  {_(label)}", text)
    if grid.row_count:
        out.print(grid)
    if term.acts:
        out.print(_acts(term))
    elif term.kind == "word":
        rare = _("No rule names it: it is what holds where no other word does, or only stands in a table.")
        out.print(f"  {rare}")
    out.print()


def _lines(term: Term, said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return what is said of a term in lines of a label, to be looked up, and a text."""
    from .explain import TODAY, rests_on, unit_of

    if term.unit:
        yield later("unit"), unit_of(term.unit)
    if term.kind == "lever":
        yield later("in Python"), term.name
        yield later("today"), _("{value}, under '{strategy}'", value=_words(said["value"]), strategy=TODAY)
        yield later("default"), _words(said["default"])
        yield later("accepted"), said["accepted"]
    elif term.kind == "parameter":
        yield later("value"), _prior(said)
    elif term.kind == "strategy":
        about = {"value": said["value"], "strategy": term.name}
        yield later("value"), _("{value}; all settings: idmaj strategies show {strategy}", **about)
    elif term.kind == "word":
        about = {"number": term.number, "columns": _(", ").join(term.words)}
        held = _("{number}, in {columns}", **about) if term.words else _("{number}, in no column", **about)
        yield later("in tables"), held
    if said["fitted"]:
        yield later("fitted"), _fitted(said["fitted"])
    if term.words and term.kind not in ("word", "lever"):
        yield (later("columns") if term.kind == "table" else later("words")), _(", ").join(term.words)
    if said["basis"]:
        yield (later("set by") if term.kind == "lever" else later("rests on")), rests_on(term, said)
    for figure in said["evidence"]:
        yield figure["id"], _figure(figure)


def _prior(said: dict[str, Any]) -> str:
    if said["shape"] == "fixed":
        known = said["low"] is not None
        return _("{value} (fixed)", value=written(_words(said["value"]))) if known else str(said["value"])
    shape: str = said["shape"]
    return _(
        "{value}, 90 % interval {low} to {high} ({shape} prior)",
        value=_short(said["value"]), low=_short(said["low"]), high=_short(said["high"]), shape=_(shape),
    )  # fmt: skip


def _fitted(fitted: dict[str, Any]) -> str:
    if "shares" in fitted:
        shares = [_("{word} {share} %", word=word, share=percent(share)) for word, share in fitted["shares"].items()]
        return _("{shares} of the draws", shares=_(", ").join(shares))
    moved, gone = str(fitted["label"]), fitted["contraction"]
    moved = _(moved)
    if gone is not None:
        moved = _("{label}, {share} % of the prior variance is gone", label=moved, share=percent(gone))
    return _(
        "mean {mean}, 90 % interval {low} to {high} ({moved})",
        mean=_short(fitted["mean"]), low=_short(fitted["low"]), high=_short(fitted["high"]), moved=moved,
    )  # fmt: skip


def _figure(figure: dict[str, Any]) -> str:
    """Return a published figure: its unit, title and source stay as the evidence has them."""
    value = "" if figure["value"] is None else f"{_short(figure['value'])} "
    what = f": {figure['quantity']}" if figure["quantity"] else ""
    year = f", {figure['year']}" if figure["year"] else ""
    about = {"figure": f"{value}{figure['unit']}{what}{year}", "source": figure["source"], "grade": figure["grade"]}
    return _("{figure}. {source}, grade {grade}", **about)


def _acts(term: Term) -> Table:
    """Return the functions in which a term acts: rules first, then phases, then what stands around them."""
    table = Table.grid(padding=(0, 2))
    for column in range(3):
        table.add_column(no_wrap=column < 2, overflow="fold", style="dim" if column == 0 else None)
    callers = term.kind in ("rule", "phase")
    order = ("sim/rules/", "sim/phases/", "sim/")
    ranks = {act: next(rank for rank, start in enumerate(order) if act.file.startswith(start)) for act in term.acts}
    for act in sorted(term.acts, key=ranks.__getitem__):
        how = later("used by") if callers else HOW[act.reads, act.writes]
        table.add_row(f"  {_(how)}", f"{act.file} {act.function}", act.sentence)
    return table


def _words(value: bool | float | str) -> str:
    from ..sim.strategy_words import number

    return str(value).lower() if isinstance(value, bool | str) else number(value)


def _short(value: float) -> str:
    return written(f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}")
