"""The commandments of a rule, read off the syntax tree of every function in sim/rules (docs: "one table, one rule").

They keep a rule readable in three ways with the same bytes, and judgeable by somebody who knows the programme.
"""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from idmaj.sim import kinds, records
from idmaj.sim import rules as rules_package
from idmaj.sim.table import Record

FOLDER = Path(rules_package.__path__[0])
RECORDS = {name for name, kind in vars(records).items() if isinstance(kind, type) and issubclass(kind, Record)} | {
    "Params",
    "Settings",
}
KINDS = {name for name, kind in vars(kinds).items() if isinstance(kind, type)}
NUMBERS = {"int", "float", "bool"}
MATHS = {"exp", "log", "log1p", "expm1", "sqrt", "tanh"}
BUILT_IN = {"min", "max", "abs"}
WHOLE_NUMBERS = {
    ("visit_due", "%"): "every so many months since opening: two whole numbers, neither below zero",
    ("score", "float"): "a month, which is a whole number, becomes a score",
    ("turn_season", "%"): "which month of the year it is: months of trade are never below zero",
    ("begin_course", "int"): "half of a number of months, neither below zero",
}
"""Where a rule may do more with whole numbers, and why both readers agree there."""
MODULES = {"..kinds", "..params", "..records", "..rule", "..settings"}
UNITS = re.compile(
    r"; (log MAD a month|minus MAD|MAD|MAD a month|MAD 2016|MAD 2016 a month|hours|hours a month|hazard|hazard a month"
    r"|per month|ratio|share|persons|sellers|jobs|elasticity|log|log ratio|no unit|0 to 1|standard deviations"
    r"|month|months|years|km)\b"
    r"|, in (MAD|standard deviations)\b"
)
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod)
COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
STATEMENTS = (ast.Return, ast.Assign, ast.AugAssign, ast.If, ast.Expr, ast.Pass)
EXPRESSIONS = (
    ast.Constant, ast.Name, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call
)  # fmt: skip


class Library:
    """The rules of some files by name, and which of them change their first argument."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.trees = {name: ast.parse(source, name) for name, source in sources.items()}
        found = [node for tree in self.trees.values() for node in tree.body if isinstance(node, ast.FunctionDef)]
        self.rules = {node.name: node for node in found}
        self.changing = {name for name, node in self.rules.items() if any(changed(node))}
        grown = True
        while grown:
            more = {
                name for name, node in self.rules.items() if any(call.func.id in self.changing for call in calls(node))
            }
            grown = not more <= self.changing
            self.changing |= more

    def breaches(self) -> list[str]:
        """Return every breach as `file:line: what`."""
        return [breach for name in self.trees for breach in self.breaches_of_file(name)]

    def breaches_of_file(self, name: str) -> list[str]:
        tree = self.trees[name]
        constants = {}
        found: list[tuple[ast.AST, str]] = []
        for node in tree.body:
            if isinstance(node, ast.ImportFrom | ast.Import):
                found += [(node, f"imports {ast.unparse(node)}") for _ in range(not imported_well(node))]
                constants |= {alias.asname or alias.name: node for alias in node.names}
            elif isinstance(node, ast.Assign) and all(
                isinstance(target, ast.Name) and target.id.isupper() for target in node.targets
            ):
                constants |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
                if not is_number(node.value):
                    found.append((node, "a constant that is not a number"))
            elif isinstance(node, ast.FunctionDef):
                found += self.breaches_of_rule(node, set(constants) | set(self.rules))
            elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                found.append((node, "something that is neither a rule, a constant nor an import"))
        return [f"{name}:{node.lineno}: {what}" for node, what in found]  # type: ignore[attr-defined]

    def breaches_of_rule(self, rule: ast.FunctionDef, known: set[str]) -> Iterator[tuple[ast.AST, str]]:
        yield from about_the_face(rule)
        names = [argument.arg for argument in rule.args.args]
        first = rule.args.args[0] if names else None
        for target in changed(rule):
            if first is None or ast.unparse(target.value) != first.arg or ast.unparse(first.annotation) not in RECORDS:
                yield target, f"changes {ast.unparse(target)}, which is no column of its first argument"
        for call in calls(rule):
            if call.func.id in self.changing and (not call.args or ast.unparse(call.args[0]) != names[0]):
                yield call, f"lets {call.func.id} change something other than its first argument"
        local = {node.id for node in ast.walk(rule) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        yield from ((rule, f"gives its argument {name} another meaning") for name in sorted(local & set(names)))
        for statement in rule.body[1:]:
            for node in ast.walk(statement):
                yield from self.about_a_node(rule.name, node, known | local | set(names))

    def about_a_node(self, rule: str, node: ast.AST, known: set[str]) -> Iterator[tuple[ast.AST, str]]:
        """Tell what is wrong with one node of a rule's body."""
        if isinstance(node, ast.stmt) and not isinstance(node, STATEMENTS):
            yield node, f"uses the statement {type(node).__name__}"
        elif isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call):
            yield node, "states a value and does nothing with it"
        elif isinstance(node, ast.expr) and not isinstance(node, EXPRESSIONS):
            yield node, f"uses the expression {type(node).__name__}"
        elif isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
            yield node, f"uses the constant {node.value!r}"
        elif isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Name):
            yield node, f"reaches through {ast.unparse(node)}"
        elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not | ast.USub):
            yield node, f"uses the operator {type(node.op).__name__}"
        elif isinstance(node, ast.BinOp | ast.AugAssign):
            yield from about_an_operation(rule, node)
        elif isinstance(node, ast.Compare) and not all(isinstance(op, COMPARISONS) for op in node.ops):
            yield node, "compares by identity or by belonging"
        elif isinstance(node, ast.Call):
            yield from self.about_a_call(rule, node)
        elif isinstance(node, ast.Name) and node.id not in known | BUILT_IN | {"float", "int"}:
            yield node, f"looks at {node.id}, which is neither an argument nor a constant"

    def about_a_call(self, rule: str, call: ast.Call) -> Iterator[tuple[ast.AST, str]]:
        name = ast.unparse(call.func)
        maths = {f"math.{function}" for function in MATHS}
        if name not in maths | BUILT_IN | set(self.rules) and (rule, name) not in WHOLE_NUMBERS:
            yield call, f"calls {name}"
        if call.keywords or any(isinstance(argument, ast.Starred) for argument in call.args):
            yield call, f"calls {name} with anything but arguments in their order"


def about_the_face(rule: ast.FunctionDef) -> Iterator[tuple[ast.AST, str]]:
    """Tell what is wrong with a rule's decorator, signature and docstring."""
    if [ast.unparse(mark) for mark in rule.decorator_list] != ["rule"]:
        yield rule, f"{rule.name} is not marked @rule and nothing else"
    arguments = rule.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs or arguments.defaults:
        yield rule, f"{rule.name} takes more than plain arguments"
    for argument in arguments.args:
        hint = ast.unparse(argument.annotation) if argument.annotation else "nothing"
        if hint not in RECORDS | NUMBERS:
            yield argument, f"{rule.name} takes {argument.arg} as {hint}, neither a record nor a number"
    returned = ast.unparse(rule.returns) if rule.returns else "nothing"
    if returned not in NUMBERS | {"None"}:
        yield rule, f"{rule.name} returns {returned}, which is no amount"
    text = ast.get_docstring(rule) or ""
    if not re.match(r"[A-Z][^\n]*\.(\n|$)", text):
        yield rule, f"{rule.name} says in no sentence what it does"
    elif returned == "float" and not UNITS.search(text):
        yield rule, f"{rule.name} does not say the unit of what it returns"


def about_an_operation(rule: str, node: ast.BinOp | ast.AugAssign) -> Iterator[tuple[ast.AST, str]]:
    sides = (node.target, node.value) if isinstance(node, ast.AugAssign) else (node.left, node.right)
    if not isinstance(node.op, OPERATORS) or (isinstance(node.op, ast.Mod) and (rule, "%") not in WHOLE_NUMBERS):
        yield node, f"uses the operator {type(node.op).__name__}"
    for side in sides:
        if isinstance(side, ast.Attribute) and ast.unparse(side.value) in KINDS:
            yield node, f"reckons with {ast.unparse(side)}, which is a word and not a number"


def calls(rule: ast.FunctionDef) -> Iterator[ast.Call]:
    """Return the calls of functions known by a bare name."""
    for node in ast.walk(rule):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node


def changed(rule: ast.FunctionDef) -> Iterator[ast.Attribute | ast.Subscript]:
    """Return everything stored or deleted that is not a local name."""
    for node in ast.walk(rule):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield node


def is_number(node: ast.expr) -> bool:
    value = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float)


def imported_well(node: ast.ImportFrom | ast.Import) -> bool:
    """Say whether an import brings words, records, settings or other rules: no luck, no table, no library but math."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names] == ["math"] and node.names[0].asname is None
    module = "." * node.level + (node.module or "")
    return module == "__future__" or module in MODULES or (node.level == 1 and node.module is not None)


SOURCES = {
    f"{info.name}.py": (FOLDER / f"{info.name}.py").read_text(encoding="utf-8")
    for info in pkgutil.iter_modules(rules_package.__path__)
}


def test_every_rule_keeps_the_commandments() -> None:
    assert not Library(SOURCES).breaches()


def test_every_rule_is_read() -> None:
    library = Library(SOURCES)
    assert {path.name for path in FOLDER.glob("*.py")} == {*SOURCES, "__init__.py"}
    assert len(library.rules) == sum(len(re.findall(r"^@rule$", text, re.M)) for text in SOURCES.values())
    assert {"survive_month", "receive", "receive_second", "live_month"} <= library.changing
    assert not {"margin", "hardship", "score"} & library.changing


def test_no_exception_outlives_its_reason() -> None:
    rules = Library(SOURCES).rules
    used = {
        (name, "%") for name, rule in rules.items() for n in ast.walk(rule) if isinstance(getattr(n, "op", 0), ast.Mod)
    }
    used |= {(name, call.func.id) for name, rule in rules.items() for call in calls(rule) if call.func.id in NUMBERS}
    assert used == set(WHOLE_NUMBERS)


HEAD = """
import math
from ..kinds import Ending
from ..records import Business, Place
from ..rule import rule
LIMIT = 3.0

@rule
def wear_out(business: Business, place: Place) -> None:
    \"\"\"Wear a business out by a month.\"\"\"
    business.wear += min(place.distance_km, LIMIT)

"""
GOOD = '''
@rule
def worn(business: Business, place: Place, luck: float) -> float:
    """Return how worn a business is; ratio."""
    worn = business.wear / 2.0
    if business.ending == Ending.OPEN and not place.branch:
        wear_out(business, place)
    return worn if luck < 0.5 else -math.exp(worn)
'''


def breaches(source: str) -> list[str]:
    return Library({"made_up.py": HEAD + source}).breaches()


def test_a_good_rule_is_no_breach() -> None:
    assert not breaches(GOOD)


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("worn = business.wear / 2.0", "place.branch = 1", "changes place.branch"),
        ("worn = business.wear / 2.0", "place.branch += 1", "changes place.branch"),
        ("worn = business.wear / 2.0", "business.wear[0] = 1.0", "changes business.wear[0]"),
        ("worn = business.wear / 2.0", "other = place\n    other.branch = 1", "changes other.branch"),
        ("worn = business.wear / 2.0", "business = place\n    business.wear = 1.0", "gives its argument business"),
        ("worn = business.wear / 2.0", "del place.branch", "changes place.branch"),
        ("wear_out(business, place)", "wear_out(place, place)", "lets wear_out change something other"),
        ("wear_out(business, place)", "unheard_of(business)", "calls unheard_of"),
        ("wear_out(business, place)", "wear_out(business, place=place)", "anything but arguments in their order"),
        ("wear_out(business, place)", "wear_out(*luck)", "anything but arguments in their order"),
        ("wear_out(business, place)", "business.wear", "does nothing with it"),
        ("business.wear / 2.0", "business.wear ** 2.0", "uses the operator Pow"),
        ("business.wear / 2.0", "business.wear // 2.0", "uses the operator FloorDiv"),
        ("business.wear / 2.0", "business.age % 2", "uses the operator Mod"),
        ("business.wear / 2.0", "business.age & 2", "uses the operator BitAnd"),
        ("business.wear / 2.0", "~business.age", "uses the operator Invert"),
        ("business.wear / 2.0", "int(business.wear)", "calls int"),
        ("business.wear / 2.0", "float(business.age)", "calls float"),
        ("business.wear / 2.0", "round(business.wear)", "calls round"),
        ("business.wear / 2.0", "math.lgamma(business.wear)", "calls math.lgamma"),
        ("business.wear / 2.0", "math.fabs(business.wear)", "calls math.fabs"),
        ("business.wear / 2.0", "np.exp(business.wear)", "calls np.exp"),
        ("business.wear / 2.0", "random()", "calls random"),
        ("business.wear / 2.0", "business.place.branch", "reaches through business.place.branch"),
        ("business.wear / 2.0", "business.wear if business is place else 0.0", "by identity or by belonging"),
        ("business.wear / 2.0", "business.wear if luck in (1, 2) else 0.0", "by identity or by belonging"),
        ("business.wear / 2.0", "business.wear + Ending.FAILED", "reckons with Ending.FAILED"),
        ("business.wear / 2.0", "sum(x for x in business)", "uses the expression GeneratorExp"),
        ("business.wear / 2.0", "(lambda: 1.0)()", "uses the expression Lambda"),
        ("business.wear / 2.0", "business[0]", "uses the expression Subscript"),
        ("business.wear / 2.0", "'a word'", "uses the constant 'a word'"),
        ("business.wear / 2.0", "elsewhere", "looks at elsewhere"),
        ("worn = business.wear / 2.0", "for luck2 in business:\n        pass", "uses the statement For"),
        ("worn = business.wear / 2.0", "import random", "uses the statement Import"),
        ("worn = business.wear / 2.0", "global LIMIT", "uses the statement Global"),
        ("worn = business.wear / 2.0", "assert luck", "uses the statement Assert"),
        ("luck: float", "luck", "takes luck as nothing"),
        ("luck: float", "luck: np.ndarray", "takes luck as np.ndarray"),
        ("luck: float", "luck: float = 1.0", "takes more than plain arguments"),
        ("luck: float", "*luck: float", "takes more than plain arguments"),
        (" -> float:", ":", "returns nothing"),
        (" -> float:", " -> list:", "returns list"),
        ("; ratio.", ".", "does not say the unit"),
        ('"""Return how worn a business is; ratio."""', "pass", "says in no sentence"),
        ('"""Return how worn a business is; ratio."""', '"""worn"""', "says in no sentence"),
        ("@rule", "@njit", "is not marked @rule"),
        ("@rule\n", "", "is not marked @rule"),
        ("@rule\n", "from ..luck import uniforms\n@rule\n", "imports from ..luck"),
        ("@rule\n", "from ..luck import Stream\n@rule\n", "imports from ..luck"),
        ("@rule\n", "from ..state import State\n@rule\n", "imports from ..state"),
        ("@rule\n", "import numpy as np\n@rule\n", "imports import numpy"),
        ("@rule\n", "import random\n@rule\n", "imports import random"),
        ("@rule\n", "from math import exp\n@rule\n", "imports from math"),
        ("@rule\n", "TABLE = {1: 2.0}\n@rule\n", "a constant that is not a number"),
        ("@rule\n", "table = 2.0\n@rule\n", "neither a rule, a constant nor an import"),
        ("@rule\n", "class Ledger:\n    pass\n@rule\n", "neither a rule, a constant nor an import"),
    ],
)
def test_a_breach_is_caught(good: str, bad: str, complaint: str) -> None:
    assert good in GOOD
    found = breaches(GOOD.replace(good, bad))
    assert any(complaint in breach for breach in found), found


def test_a_change_through_two_rules_is_caught() -> None:
    rule = '@rule\ndef {}({}: Business, {}: Place) -> None:\n    """Wear."""\n    {}(business, place)\n'
    through = rule.format("worse", "business", "place", "wear_out")
    last = rule.format("worst", "place", "business", "worse")
    assert not breaches(through)
    assert any("lets worse change" in breach for breach in breaches(through + last))
