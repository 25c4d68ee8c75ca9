"""What every command shares: text and JSON on the terminal, and files written whole or not at all."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ..scenarios.language import ENGLISH, _, looked_up, reason, spoken, written
from ..sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

PLAIN_WIDTH = 160
"""Columns of a table that goes into a file or a pipe."""


def console() -> Console:
    """Return the terminal: colours only where it is one and NO_COLOR is not set, and no markup in names."""
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False)


def start_month(text: str, option: str = "--start") -> int:
    """Return the month, counted from January 2007, that ``--start``, or another option, names.

    Raises
    ------
    UserError
        If it is not a month from 2007-01 on, written YYYY-MM.
    """
    from ..sim.policy import month_of

    try:
        return month_of(text)
    except UserError as error:
        raise UserError("{option}: {error}", option=option, error=error) from error


@contextmanager
def progress(doing: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with the time left on standard error, or nothing where that is no terminal.

    What is being done is looked up in the language spoken.
    """
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[memory]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_("Preparing the model"), total=total, speed="", memory="")

        def tell(done: int, total: int) -> None:
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            often = _("{number} a second", number=written(f"{speed:.1f}")) if speed else ""
            memory = _("{number} MB", number=written(f"{memory_megabytes():,.0f}"))
            bar.update(task, completed=done, total=total, description=_(doing), speed=often, memory=memory)

        yield tell


def memory_megabytes() -> float:
    """Return how much memory this process takes now."""
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


def table_text(table: pd.DataFrame, heads: Mapping[str, str], **how: Any) -> str:
    """Return a table as text, its heads and words looked up in the language spoken, its decimals as there.

    Parameters
    ----------
    table : DataFrame
    heads : mapping of str
        Message by column for languages other than English, which has the names of the columns.
    how
        As `DataFrame.to_string` takes it.
    """
    if spoken() is not ENGLISH:
        table = table.map(lambda cell: looked_up(cell) if isinstance(cell, str) else cell)
        table = table.rename(columns={name: _(message) for name, message in heads.items()})
    return str(table.to_string(index=False, decimal=spoken().decimal, **how))


def print_json(content: Any) -> None:
    """Print an object as JSON, in ASCII, and nothing else."""
    print(json.dumps(content, indent=2, allow_nan=False))


def check_free(path: Path, force: bool) -> None:
    """Refuse a file that is there already unless `force` is set, a folder, and one in a folder that is not there."""
    if path.is_dir():
        raise UserError("{path}: found a directory, accepted the name of a file", path=path)
    if path.exists() and not force:
        raise UserError("{path}: found a file of that name, accepted a new name; to replace it add --force", path=path)
    if not path.parent.is_dir():
        raise UserError("{path}: cannot be written (no such file or directory)", path=path)


def write_file(path: Path, text: str, force: bool) -> None:
    """Write a text file in one step, so that it is never seen half-written.

    Raises
    ------
    UserError
        If the file is there already and `force` is not set, or cannot be written.
    """
    check_free(path, force)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        raise UserError("{path}: cannot be written ({why})", path=path, why=reason(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)
