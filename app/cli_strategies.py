"""``idmaj strategies``: list, show, compare, check and begin strategy files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from ..scenarios.labels import dated
from ..scenarios.labels import strategy as called
from ..scenarios.language import _, later
from ..sim.errors import UserError
from .strategies_saying import ancestry, both, by_steps, changed, parts, reasons, verdict, warnings
from .terminal import check_free, console, print_json, start_month, write_file

if TYPE_CHECKING:
    from ..sim.policy import Difference, Step, Strategy

HEADINGS = {
    "history": later("The past"),
    "historical": "The past",
    "continued": later("Yardsticks"),
    "no_programme": "Yardsticks",
    "strategy": later("What could be done"),
    "package": later("Packages of these"),
    "future": later("What may come (stress futures, to be laid over any of them with +)"),
}
"""Heading under which a strategy is listed, by its key or its kind."""
REMARKS = {
    "history": later("all build on it"),
    "historical": later("the same, to be run: idmaj run historical (2007 to 2025)"),
}
"""What is said of a strategy where its name does not tell it from another."""
HORIZON_MONTHS = 180
"""Months after the start of a plan that are looked at, unless a strategy has later dates."""

A_STRATEGY = "A name of the catalogue or a .toml file; several joined by + for all of them together."

Which = Annotated[str, typer.Argument(metavar="STRATEGY", help=A_STRATEGY)]
Start = Annotated[str, typer.Option("--start", metavar="YYYY-MM", help="Month in which the plan starts.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="What could be done: each strategy is a small file.", no_args_is_help=True)
    group.command("list")(list_)
    group.command()(show)
    group.command()(diff)
    group.command()(check)
    group.command()(new)
    app.add_typer(group, name="strategies")


def list_(as_json: Json = False) -> None:
    """List the strategies of the catalogue, a line each; `idmaj strategies show NAME` says more of one.

    Example: idmaj strategies list
    """
    from ..scenarios.strategies import catalogue, load

    strategies = [load(name) for name in catalogue()]
    if as_json:
        print_json([_about(strategy) for strategy in strategies])
        return
    out = console()
    width = max(len(strategy.key) for strategy in strategies) + 2
    for heading, some in _grouped(strategies).items():
        out.print(_("{heading}:", heading=_(heading)), soft_wrap=True)
        for strategy in some:
            said = called(strategy.name)
            if strategy.key in REMARKS:
                said = _("{name}: {value}", name=said, value=_(REMARKS[strategy.key]))
            out.print(f"  {strategy.key:{width}}{said}{parts(strategy)}", soft_wrap=True)
    out.print(_("What one does, why and what it rests on: idmaj strategies show NAME. Several at once: NAME+NAME."))


def _grouped(strategies: Sequence[Strategy]) -> dict[str, list[Strategy]]:
    """Return the strategies by what they are for."""
    found: dict[str, list[Strategy]] = {heading: [] for heading in HEADINGS.values()}
    for strategy in strategies:
        found[HEADINGS.get(strategy.key) or HEADINGS[strategy.kind]].append(strategy)
    return {heading: some for heading, some in found.items() if some}


def show(which: Which, start: Start = "2026-01", as_json: Json = False) -> None:
    """Show every setting of a strategy: value, unit, since when, and which file set it.

    Example: idmaj strategies show cooperatives+wage_jobs
    """
    from ..scenarios.strategies import load
    from ..sim.policy import month_name, timeline

    strategy, month = load(which), start_month(start)
    steps = {column: _from(month, found) for column, found in timeline(strategy, month).items()}
    _settle(strategy, month)
    settings = [_step(column, *stretch) for column, found in steps.items() for stretch in _by_ramp(found)]
    if as_json:
        layers = [{"strategy": layer.key, "name": layer.name, "why": layer.why} for layer in strategy.layers]
        print_json({**_about(strategy), "start": month_name(month), "layers": layers, "settings": settings})
        return
    out = console()
    _introduce(strategy)
    out.print(_("Settings of a plan that starts in {month}:", month=dated(month)) + "\n")
    table = _table("Setting", "Value", "Unit", "Since", "Set by", "Meaning")
    for line in settings:
        key, words, unit, since, by, meaning = (
            line[part] for part in ("key", "words", "unit", "since", "set_by", "meaning")
        )
        table.add_row(key, words, _(unit), since, by, _(meaning))
    out.print(table)


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help=A_STRATEGY)],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    start: Start = "2026-01",
    as_json: Json = False,
) -> None:
    """Say in words what differs between two strategies.

    Example: idmaj strategies diff continued case_by_case
    """
    from ..scenarios.strategies import load
    from ..sim.policy import differences

    a, b, month = load(first), load(second), start_month(start)
    months = _horizon(month, a, b)
    found = differences(a, b, month, months)
    if as_json:
        rows = [_difference(each, months) for each in found]
        print_json({"a": _about(a), "b": _about(b), "differences": rows})
        return
    out = console()
    out.print(
        _(
            "A is '{a}' ({first}), B is '{b}' ({second}); a plan that starts in {month}.",
            a=called(a.name), first=first, b=called(b.name), second=second, month=dated(month),
        )
    )  # fmt: skip
    if not found:
        out.print(_("Nothing differs."))
    for each in found:
        out.print(both(each, months), soft_wrap=True)
        out.print(f"    {_(each.meaning)}", soft_wrap=True)


def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help=A_STRATEGY)],
    start: Start = "2026-01",
    as_json: Json = False,
) -> None:
    """Check a strategy file and say in words what it changes. Run this before anything else.

    Example: idmaj strategies check my_plan.toml
    """
    from ..scenarios.strategies import load
    from ..sim.policy import StrategyError, base_of, differences

    month = start_month(start)
    try:
        strategy = load(file)
        base = base_of(strategy)
        months = _horizon(month, strategy)
        found = differences(base, strategy, month, months)
    except StrategyError as error:
        if as_json:
            print_json(
                {"file": file, "valid": False, "problems": [vars(problem) for problem in error.problems]}
            )
        raise
    unmoved, warned = _unmoved(strategy, base, found), warnings(strategy, base, month, _horizon(month, strategy))
    if as_json:
        changes = [_difference(each, months) for each in found]
        print_json(
            {"file": file, "valid": True, **_about(strategy), "changes": changes, "unchanged": unmoved}
            | {"warnings": warned}
        )
        return
    out = console()
    out.print(verdict(file, strategy, base, month, bool(found)), soft_wrap=True)
    for each in found:
        out.print(changed(each, months), soft_wrap=True)
        out.print(f"    {_(each.meaning)}", soft_wrap=True)
    if unmoved:
        out.print(_("Set to what it is there already: {settings}", settings=_(", ").join(unmoved)), soft_wrap=True)
    for warning in warned:
        out.print(_("Warning: {warning}.", warning=warning), soft_wrap=True)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people will call it.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to write it; by default NAME.toml here."),
    ] = None,
    extends: Annotated[
        str, typer.Option("--extends", metavar="STRATEGY", help="The strategy it differs from.")
    ] = "continued",
    guide: Annotated[bool, typer.Option("--guide", help="Be asked what it is to change, lever by lever.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
    start: Start = "2026-01",
) -> None:
    """Write a commented strategy file to start from; with --guide one made by questions.

    Example: idmaj strategies new 'My plan' --extends case_by_case
    """
    from ..scenarios.strategies import catalogue, load, template
    from ..sim.policy import own_layers

    stem = "_".join("".join(mark if mark.isalnum() else " " for mark in name.lower()).split())
    if not stem:
        raise UserError("NAME: found {name!r}, accepted a name with at least one letter or digit", name=name)
    path = out or Path(f"{stem}.toml")
    base, month = load(extends), start_month(start)
    if base.below and not own_layers(base):
        raise UserError(
            "--extends: found {extends!r}, accepted one strategy; in a file write combines = [...]", extends=extends
        )
    below = extends if extends in catalogue() else Path(os.path.relpath(extends, path.parent)).as_posix()
    if guide:
        from .guide import guided

        check_free(path, force)
        write_file(path, guided(name, below, base, month, path.parent), force)
        console().print(_("Wrote {file}.", file=path), soft_wrap=True)
        check(str(path), start)
        return
    write_file(path, template(name, below, base, month), force)
    said = _("Wrote {file}. Open it, delete the '# ' before what you want to change, then run", file=path)
    console().print(f"{said}\n    idmaj strategies check {path}", soft_wrap=True)


def _horizon(start: int, *strategies: Strategy) -> int:
    """Return how many months to look at: the plan's, and one more than the last date of any strategy."""
    from ..sim.policy import dated as dates_of

    dates = [month for each in strategies for _layer, _change, month in dates_of(each, start)]
    return max(start + HORIZON_MONTHS, max(dates, default=0) + 1)


def _settle(strategy: Strategy, start: int) -> None:
    """Raise what is wrong with the settings as a whole."""
    from ..sim.policy import settings_table

    settings_table(strategy, start, _horizon(start, strategy))


def _from(month: int, steps: Sequence[Step]) -> list[Step]:
    """Return the step in force in a month and those after it."""
    return [
        step
        for step, after in zip(steps, [*steps[1:], None], strict=True)
        if after is None or after.month > month
    ]


def _unmoved(strategy: Strategy, base: Strategy, found: Sequence[Difference]) -> list[str]:
    """Return the settings that the layers over the base name without changing anything."""
    from ..sim.policy import key_of

    moved = {each.column for each in found}
    over = [layer for layer in strategy.layers if layer not in base.layers]
    said = {column for layer in over for change in layer.changes for column in change.values}
    return sorted(key_of(column) for column in said - moved)


def _about(strategy: Strategy) -> dict[str, Any]:
    keys = [part.key for part in strategy.below]
    return {
        "strategy": strategy.key,
        "kind": strategy.kind,
        "name": strategy.name,
        "extends": keys[0] if len(keys) == 1 else None,
        "combines": keys if len(keys) > 1 else [],
        "why": strategy.why,
    }


def _introduce(strategy: Strategy) -> None:
    out = console()
    out.print(f"{called(strategy.name)} ({strategy.key})")
    out.print(f"{reasons(strategy)}\n")
    for line in ancestry(strategy):
        out.print(line)


def _by_ramp(steps: Sequence[Step]) -> Iterator[tuple[Step, Step]]:
    """Yield first and last step of each ramp; of what changes at once, the step twice."""
    first = None
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        first = first or step
        if after is None or not after.goes_on(step):
            yield first, step
            first = None


def _step(column: str, step: Step, last: Step) -> dict[str, Any]:
    """Return one setting in plain words, the value it gets to if it has a ramp: the same for table and JSON."""
    from ..sim.policy import key_of, month_name
    from ..sim.settings import LEVERS
    from ..sim.strategy_words import short

    return {
        "key": key_of(column),
        "value": _plain(column, last.value),
        "words": short(column, last.value) if last == step else by_steps(short(column, last.value), last.month),
        "unit": LEVERS[column].unit,
        "meaning": LEVERS[column].meaning,
        "since": month_name(step.month) if step.layer else "-",
        "ramp_months": step.ramp,
        "set_by": step.layer.key if step.layer else "default",
        "why": step.why,
    }


def _difference(each: Difference, months: int) -> dict[str, Any]:
    from ..sim.policy import month_name

    return {
        "key": each.key,
        "unit": each.unit,
        "meaning": each.meaning,
        "from": month_name(each.first),
        "to": None if each.last == months - 1 else month_name(each.last),
        "a": _plain(each.column, each.value_a),
        "b": _plain(each.column, each.value_b),
        "a_end": _plain(each.column, each.end_a),
        "b_end": _plain(each.column, each.end_b),
    }


def _plain(column: str, value: float) -> bool | float | str:
    """Return a value for JSON: words for enumerations, true or false, a number, or "inf"."""
    from ..sim.policy import in_words
    from ..sim.settings import LEVERS

    kind = LEVERS[column].kind
    if kind is bool:
        return bool(value)
    return in_words(column, value) if kind is not None or value == float("inf") else float(value)


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(_(heading), overflow="fold", no_wrap=heading in ("Setting", "Strategy", "Since"))
    return table
