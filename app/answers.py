"""How the commands that answer questions run studies, print, and write their page: one way for all of them."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..scenarios.labels import cell as words_of
from ..scenarios.language import ENGLISH, _, reason, spoken
from ..sim.errors import UserError
from . import wording
from .knowing import tells
from .options import Labour
from .page_parts import inner
from .terminal import console, print_json

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.experiment import Plan
    from ..scenarios.questions.answer import Answer
    from ..scenarios.results import Experiment

PAGE = "answer.html"
FACTS = "answer.json"
NAMES = ("person", "draw", "replication")
"""Columns whose numbers are names: they stand as a command takes them, without separators."""
MOST_SHOWN = 24
"""Rows of a table that the terminal shows; the page and the CSV have all."""


@dataclass(frozen=True)
class Figure:
    """A picture of an answer: title, what it shows in words, and SVG in a wide and a narrow cut."""

    title: str
    caption: str
    wide: str
    narrow: str


def runner(labour: Labour, command: str) -> Callable[[Plan], Experiment]:
    """Return what runs a plan as a study at home, with progress, or takes it from there where it was run before."""

    def run(plan: Plan) -> Experiment:
        from ..scenarios.at_home import begin_at_home
        from . import work

        with work.not_begun():
            study = begin_at_home(plan, command)
        if not study.complete:
            with work.stoppable(study):
                failures = work.run(study, labour)
            study.finish({})
            study.settle_at_home()
            work.check_complete(study, failures)
        return study.results()

    return run


def check_out(out: Path | None, force: bool) -> None:
    """Refuse a folder that cannot take an answer, before anything is computed."""
    if out is None:
        return
    try:
        taken = out.exists()
    except OSError as error:
        raise UserError("--out {out}: {why}; accepted: a folder", out=out, why=reason(error)) from error
    if taken and not out.is_dir():
        raise UserError("--out {out}: found a file; accepted: a folder, or a name that is not taken", out=out)
    if out.is_dir() and any(out.iterdir()) and not (force and (out / PAGE).is_file()):
        hint = (
            _("another folder, or --force to replace the answer in it")
            if (out / PAGE).is_file()
            else _("another folder")
        )
        raise UserError("--out {out}: found a folder that is not empty; accepted: {hint}", out=out, hint=hint)


def deliver(
    answer: Answer,
    command: str,
    out: Path | None,
    as_json: bool,
    pictures: Callable[[Answer], Sequence[Figure]] | None = None,
    known: Sequence[str] | None = None,
) -> None:
    """Print an answer and, where a folder was named, write its page with pictures, its facts and its tables there.

    `known` is what the data can and cannot tell; by default that of the first study.
    """
    known = known_of(answer) if known is None else known
    facts = facts_of(answer, command, known)
    if out is not None:
        _write(out, answer, command, known, facts, pictures(answer) if pictures is not None else ())
    if as_json:
        print_json(facts)
        return
    screen = console()
    screen.print(answer.question, style="bold", soft_wrap=True)
    screen.print(f"\n{answer.sentence}", soft_wrap=True)
    for table in answer.shown:
        screen.print(f"\n{_(table.title)}", style="bold", soft_wrap=True)
        screen.print(_shown(table.rows.head(MOST_SHOWN), table.called), soft_wrap=True)
        if len(table.rows) > MOST_SHOWN:
            screen.print(_("... {count} more rows with --out DIR", count=len(table.rows) - MOST_SHOWN))
    for title, sentences in ((_("What it rests on"), answer.rests_on), (_("Mind"), answer.mind)):
        if sentences:
            screen.print(f"\n{title}", style="bold")
        for sentence in sentences:
            screen.print(f"- {sentence}", soft_wrap=True)
    if known:
        screen.print("\n" + _("What the data can and cannot tell"), style="bold")
    for sentence in known:
        screen.print(f"- {sentence}", soft_wrap=True)
    for study in answer.studies:
        line = _("Study {fingerprint}: {folder}", fingerprint=study.fingerprint[:12], folder=study.store.folder)
        screen.print(line, soft_wrap=True)
    page = _("With pictures and all tables: --out DIR") if out is None else _("Page: {file}", file=out / PAGE)
    screen.print(page, soft_wrap=True)


def known_of(answer: Answer) -> Sequence[str]:
    """Return what the data can and cannot tell, computed from the first study of an answer."""
    return tells(answer.studies[0]) if answer.studies else ()


def facts_of(answer: Answer, command: str, known: Sequence[str]) -> dict[str, Any]:
    """Return an answer as programs read it; a number that is missing is None."""
    told = {"question": answer.question, "sentence": answer.sentence}
    told |= {str(name): _plain(value) for name, value in answer.facts.items()}
    told |= {"tables": {table.title: _rows(table.rows) for table in answer.tables}}
    told |= {"rests_on": list(answer.rests_on), "mind": list(answer.mind), "tells": list(known)}
    return told | {"fingerprints": [study.fingerprint for study in answer.studies], "command": command}


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [_plain(row) for row in table.to_dict("records")]


def _shown(table: pd.DataFrame, called: Mapping[str, str]) -> str:
    """Return a table as a terminal shows it, numbers with as many digits as are worth reading."""
    import pandas as pd

    if table.empty and spoken() is not ENGLISH:
        return wording.MISSING
    heads = [str(name) if spoken() is ENGLISH else head(str(name), called) for name in table.columns]
    written = {head: written_column(table, name) for head, name in zip(heads, table, strict=True)}
    return pd.DataFrame(written).to_string(index=False)


def head(name: str, called: Mapping[str, str]) -> str:
    """Return what people call a column."""
    return called[name] if name in called and spoken() is not ENGLISH else wording.label(name)


def written_column(table: pd.DataFrame, name: Any) -> list[str]:
    """Return the cells of a column as people read them; numbers that are names, as they are given to a command."""
    return [str(cell) if name in NAMES else written_cell(cell) for cell in table[name]]


def written_cell(cell: Any) -> str:
    """Return a cell of a table as people read it."""
    if isinstance(cell, bool) or type(cell).__name__ == "bool":
        return _("yes") if cell else _("no")
    if isinstance(cell, float) or hasattr(cell, "dtype"):
        value = float(cell)
        return wording.number(value, max(0, wording.significant(value, 3)))
    return wording.MISSING if cell is None else words_of(str(cell))


def _write(
    out: Path, answer: Answer, command: str, known: Sequence[str], facts: dict[str, Any], figures: Sequence[Figure]
) -> None:
    """Write all files into a fresh folder beside the wanted one, then put it in its place."""
    import json
    import shutil

    from .study_files import csv_text

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        fresh.chmod(0o755)
        (fresh / PAGE).write_text(render(answer, command, known, figures), encoding="utf-8")
        (fresh / FACTS).write_text(json.dumps(facts, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        for table in answer.tables:
            (fresh / f"{file_name(table.title)}.csv").write_text(csv_text(table.rows), encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    except OSError as error:
        raise UserError("--out {out}: cannot be written ({why})", out=out, why=reason(error)) from error


def file_name(title: str) -> str:
    """Return a title as the name of a file."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:60]


def render(
    answer: Answer, command: str, known: Sequence[str], figures: Sequence[Figure] = (), body: bool = False
) -> str:
    """Return the page of an answer: one file that asks nothing of any network; with `body` what stands in it."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals["_"] = _
    tables = [
        {
            "title": _(table.title),
            "meaning": table.meaning,
            "heads": [head(str(name), table.called) for name in table.rows.columns],
            "rows": list(zip(*(written_column(table.rows, name) for name in table.rows), strict=True)),
            "numbers": [table.rows[name].dtype.kind in "iuf" for name in table.rows.columns],
        }
        for table in answer.shown
    ]
    about = {"answer": answer, "tables": tables, "figures": figures, "known": known, "command": command}
    about["language"] = spoken()
    template = environment.get_template("answer.html.j2")
    if body:
        return inner(template, about)
    return template.render(about)
