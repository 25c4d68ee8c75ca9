"""What makes a kept result stale: any change of what computes it, and no change of what is told about it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from idmaj.calibration import stamp
from idmaj.calibration.stamp import computing

ALIKE = [
    ("x = 1  # a", "x = 1 # b"),
    ('def f():\n    """A."""\n    return 1\n', 'def f():\n    """B.\n\n    More.\n    """\n    return 1\n'),
    ('raise UserError("a", n=n)', 'raise UserError(\n    "b {n}",\n    n=len(n),\n)'),
    ("# head\nx = 1\n\n\ny = 2", "x = 1\ny = 2"),
]
OTHERWISE = [
    ("for i in a:\n    x += 1\n    y += 1", "for i in a:\n    x += 1\ny += 1"),
    ('x = f("a  #b", 3)', 'x = f("a  #b", 4)'),
    ('x = """a\n\n# b\n"""', 'x = """a\n# b\n"""'),
    ('x = """a\n  b\n"""', 'x = """a\nb\n"""'),
    ('raise UserError("m", n=(k := 3))', 'raise UserError("m", n=(k := 4))'),
    ('x = {later("a"): 1}', 'x = {later("b"): 1}'),
    ("x = 1", "x = 2"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_is_told_to_people_makes_nothing_stale(one: str, other: str) -> None:
    assert computing(one) == computing(other)


@pytest.mark.parametrize(("one", "other"), OTHERWISE)
def test_what_computes_otherwise_is_otherwise(one: str, other: str) -> None:
    assert computing(one) != computing(other)


def test_no_line_of_the_calibration_can_move_into_or_out_of_a_block_unseen() -> None:
    source = (Path(stamp.__file__).parent / "hazards.py").read_text(encoding="utf-8")
    lines, moved = source.split("\n"), 0
    for at, line in enumerate(lines):
        if not line.startswith("        "):
            continue
        other = "\n".join([*lines[:at], line[4:], *lines[at + 1 :]])
        try:
            same = ast.dump(_bare(source)) == ast.dump(_bare(other))
        except SyntaxError:
            continue
        moved += not same
        assert same or computing(source) != computing(other), line
    assert moved > 10


def _bare(source: str) -> ast.Module:
    """Return the tree of a source without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
    return tree


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
