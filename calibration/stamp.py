"""A stamp says which code a kept result was made by, so that a stale one is shown as stale."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tokenize
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import pandas as pd

from ..sim.errors import UserError
from ..sim.rule import code_hash

HERE = Path(__file__).parent
TOLD = ("UserError", "EvidenceError", "worded")
"""Calls whose arguments are told to people; not `later`, whose words may be keys of a table."""
SIM = "sim"
"""Names all of the model in a stamp; followed by a slash and a path without its ending, one file of it."""

Stamp = Mapping[str, str]
"""By part of the code its sha256: `sim` for all of it or `sim/params` for a file, and modules of `calibration`."""


def code_stamp(modules: Sequence[str] | None = None) -> dict[str, str]:
    """Return the sha256 of the code that a result follows from.

    Parameters
    ----------
    modules : sequence of str, optional
        Modules of `calibration` it follows from besides the model, such as "likelihood"; by default all of them.
        Where files of the model are among them, such as "sim/rules/hazard", it follows from no others of it.

    Raises
    ------
    ValueError
        If there is no such module.
    """
    names = sorted(path.stem for path in HERE.glob("*.py")) if modules is None else sorted(set(modules))
    unknown = [name for name in names if not _file(name).is_file()]
    if unknown:
        raise ValueError(f"modules: found {', '.join(unknown)}; accepted: modules of calibration")
    whole = {} if any(name.startswith(f"{SIM}/") for name in names) else {SIM: code_hash()}
    return whole | {name: _hash(name) for name in names}


def staleness(stamp: Stamp) -> str:
    """Say what has changed since a stamp was made; nothing where it is fresh."""
    changed = [name for name, kept in stamp.items() if kept != (code_hash() if name == SIM else _hash(name))]
    return f"stale: {', '.join(changed)} changed since it was made" if changed else ""


def stamped_text(table: pd.DataFrame, stamp: Stamp) -> str:
    """Return a table as CSV under its stamp, a comment of one line."""
    return f"# {json.dumps({'code': dict(stamp)}, sort_keys=True)}\n{table.to_csv(index=False, lineterminator=chr(10))}"


def read_stamped(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """Read a table and its stamp.

    Raises
    ------
    UserError
        If the file cannot be read or has no stamp.
    """
    try:
        first, _, rest = path.read_text(encoding="utf-8").partition("\n")
        stamp = {str(name): str(value) for name, value in json.loads(first.removeprefix("# "))["code"].items()}
        return pd.read_csv(io.StringIO(rest)), stamp
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UserError(
            "{path}: cannot be read as a stamped table ({problem}); make it anew", path=path, problem=problem
        ) from problem


def _hash(module: str) -> str:
    path = _file(module)
    if not path.is_file():
        return "gone"
    return hashlib.sha256(computing(path.read_text(encoding="utf-8")).encode()).hexdigest()


def computing(source: str) -> str:
    """Return what of a source has a part in results: all but comments, docstrings, and what is told to people.

    Lines keep their indentation; within a text of several lines empty ones and blanks at the end count, too.
    """
    content = source.encode()
    starts = [0, *accumulate(map(len, content.splitlines(keepends=True)))]

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    kept = bytearray(b"\1" * len(content))
    whole: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        end = at(last, getattr(node, "end_col_offset", 0)) if last else 0
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            begin = at(first, node.col_offset)
            kept[begin:end] = bytes(end - begin)
        elif isinstance(node, ast.Call) and _tells(node):
            begin = at(node.func.end_lineno or 1, node.func.end_col_offset or 0) + 1
            kept[begin : end - 1] = bytes(end - 1 - begin)
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            whole.update(range(first, last))
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        if token.type == tokenize.COMMENT:
            begin, length = at(token.start[0], len(token.line[: token.start[1]].encode())), len(token.string.encode())
            kept[begin : begin + length] = bytes(length)
    return _lines(content, kept, whole)


def _lines(content: bytes, kept: bytearray, whole: set[int]) -> str:
    """Return what is kept, line by line; of lines that are part of a text, all."""
    lines, line, at = [], b"", 0
    for number, text in enumerate(content.splitlines(keepends=True), 1):
        line += bytes(byte for byte, keep in zip(text, kept[at : at + len(text)], strict=True) if keep)
        at += len(text)
        if kept[at - 1] == 0 and text.endswith(b"\n"):
            continue  # the end of the line was cut: what follows belongs to it
        line = line if number in whole else line.rstrip()
        lines += [line.removesuffix(b"\n")] if line else []
        line = b""
    return b"\n".join(lines).decode()


def _tells(call: ast.Call) -> bool:
    """Say whether a call tells people something, and names nothing by `:=` on the way."""
    names = any(isinstance(each, ast.NamedExpr) for each in ast.walk(call))
    return getattr(call.func, "id", "") in TOLD and not names


def _file(module: str) -> Path:
    return (HERE.parent if module.startswith(f"{SIM}/") else HERE) / f"{module}.py"
