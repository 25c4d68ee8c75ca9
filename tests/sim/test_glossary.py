"""Every term has a meaning and acts somewhere; reading the sources tells one table's column from another's."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from idmaj.sim import NUMBERS, OUTCOMES, UserError
from idmaj.sim.glossary import Term, categories, look_up, record_classes, remarks, terms
from idmaj.sim.reading import Function, Reader, Words, first_sentence, functions
from idmaj.sim.settings import LEVERS
from idmaj.sim.table import columns

DECLARED = ("parameter", "lever", "outcome", "column")


def of(kind: str) -> list[Term]:
    return [term for term in terms() if term.kind == kind]


def test_every_declared_thing_is_a_term() -> None:
    assert [term.name for term in of("parameter")] == list(NUMBERS)
    assert [term.name for term in of("lever")] == list(LEVERS)
    assert [term.name for term in of("outcome") if term.of == "plan"] == list(OUTCOMES)
    there = {(term.of, term.name) for term in terms() if term.kind in DECLARED}
    assert there >= {(name, column) for name, record in record_classes().items() for column in columns(record)}
    assert {"Household", "Business", "Month", "Params", "Settings"} <= set(record_classes())
    assert [(term.of, term.name) for term in of("word")] == [
        (name, member.lower()) for name, kind in categories().items() for member in kind.__members__
    ]


def test_every_term_has_a_meaning() -> None:
    assert [term for term in terms() if len(term.meaning) < 3] == []


def test_nothing_is_dead() -> None:
    """A number or a lever that nothing reads changes nothing; a column or an outcome that nothing touches says nothing.

    If one is listed here although it is used: give the variable that holds its row an annotation.
    """
    unread = [term.name for kind in ("parameter", "lever") for term in of(kind) if not any(a.reads for a in term.acts)]
    assert unread == []
    untouched = [f"{term.of}.{term.name}" for kind in ("outcome", "column") for term in of(kind) if not term.acts]
    assert untouched == []


def test_no_column_is_overlooked() -> None:
    """In rules and phases every row is known for what it is: `family.left` is looked for in Family, and found there."""
    records = {name: frozenset(columns(record)) for name, record in record_classes().items()}
    names = frozenset().union(*records.values())
    words = Words(records, {}, frozenset())
    overlooked = []
    for function in functions():
        reader = Reader(function, words)
        for node in reader.nodes if function.file.startswith(("sim/rules/", "sim/phases/")) else ():
            if isinstance(node, ast.Attribute) and node.attr in names:
                record = reader.record(node.value)
                is_table = isinstance(node.value, ast.Name) and node.value.id in ("state", "scene", "desk")
                if not is_table and (record is None or node.attr not in records[record]):
                    overlooked.append(f"{function.file}:{node.lineno}: {ast.unparse(node)}")
    assert overlooked == []


def test_columns_of_the_newer_tables_are_told_apart() -> None:
    acting = {
        of: {act.function for term in look_up(f"{of}.{name}", terms()) for act in term.acts if act.writes}
        for of, name in [
            ("Family", "left"), ("Worker", "turns"), ("Cooperative", "governance"), ("Incubator", "tenants"),
            ("Partner", "weight"), ("Tally", "members"),
        ]
    }  # fmt: skip
    assert acting == {
        "Family": {"deal_household", "go"},
        "Worker": {"turn", "rescale", "take_job"},
        "Cooperative": {"found_one", "govern"},
        "Incubator": {"let_rooms", "end_business"},
        "Partner": {"take_part"},
        "Tally": {"admit", "admit_owners", "list_members"},
    }


def test_every_function_that_acts_says_what_it_does() -> None:
    said = {
        (act.file, act.function): act.sentence for kind in ("parameter", "lever") for t in of(kind) for act in t.acts
    }
    assert [where for where, sentence in said.items() if not sentence.endswith(".")] == []


def test_needs_of_two_tables_and_a_rule_are_told_apart() -> None:
    person, business, word, rule = look_up("need", terms())
    assert [(term.kind, term.of) for term in (person, business, word, rule)] == [
        ("column", "Person"),
        ("column", "Business"),
        ("word", "Admission"),
        ("rule", "sim/rules/need.py"),
    ]
    assert "need_seen" in {act.function for act in person.acts}
    assert "claim" in {act.function for act in business.acts} - {act.function for act in person.acts}
    assert [act.function for act in rule.acts] == ["take_file"]
    written = {term.of: [act.function for act in term.acts if act.writes] for term in (person, business)}
    assert written == {"Person": ["take_file"], "Business": ["open_business"]}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("selection.weight_on_need", {("Settings", "selection_weight_on_need")}),
        ("Selection-Weight on need", {("Settings", "selection_weight_on_need")}),
        ("business.NEED", {("Business", "need")}),
        ("need_first", {("SelectionRule", "need_first")}),
        ("Ending.FAILED", {("Ending", "failed")}),
        ("ending", {("Business", "ending"), ("kinds", "Ending"), ("sim/rules/closing.py", "ending")}),
        ("active_share", {("plan", "active_share"), ("Month", "active_share")}),
        ("survival_3y", {("plan", "survival_3y")}),
    ],
)
def test_a_term_is_found_in_any_of_its_spellings(asked: str, found: set[tuple[str, str]]) -> None:
    assert {(term.of, term.name) for term in look_up(asked, terms())} == found


def test_an_unknown_term_names_the_nearest() -> None:
    with pytest.raises(UserError, match=r"found 'failure_levl', accepted .*'failure_level', '"):
        look_up("failure_levl", terms())
    with pytest.raises(UserError, match="'idmaj explain' lists$"):
        look_up("qqqqqqq", terms())


def test_a_word_says_where_it_stands() -> None:
    (word,) = look_up("took_job", terms())
    assert (word.number, word.words) == (5, ("Business.ending",))
    ways = {act.function: (act.reads, act.writes) for act in word.acts}
    assert (ways["ending"], ways["end_business"]) == ((False, True), (True, False))


def test_a_remark_on_a_member_is_its_meaning() -> None:
    source = '''
class Way(IntEnum):
    """How."""

    BY_FOOT = 0
    # Over the sea,
    # slowly.
    BY_BOAT = 1
    BY_BUS = 2  # by day
    BY_NIGHT = 3
    """In the dark."""
'''
    said = {"BY_BOAT": "Over the sea, slowly.", "BY_BUS": "by day", "BY_NIGHT": "In the dark."}
    assert remarks(source, "Way") == said


WORDS = Words(
    {"Person": frozenset({"need"}), "Business": frozenset({"need", "person"}), "Params": frozenset({"rate"})},
    {"Way": frozenset({"FOOT"})},
    frozenset({"total"}),
)


def found(*lines: str, arguments: str = "state: State, p: Params") -> set[tuple[str, str, bool]]:
    body = "\n".join(f"    {line}" for line in lines)
    (node,) = ast.parse(f"def act({arguments}) -> None:\n{body}\n").body
    assert isinstance(node, ast.FunctionDef)
    return set(Reader(Function("sim/rules/act.py", node), WORDS).found())


READ, WRITTEN = ("Person", "need", False), ("Person", "need", True)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["x = p.rate"], {("Params", "rate", False)}),
        (["x = person.need"], {READ}),
        (["x = owner.need"], {READ}),
        (["person.need = 1.0"], {WRITTEN}),
        (["person.need += 1.0"], {READ, WRITTEN}),
        (["other = state.persons[3]", "other.need = 1.0"], {WRITTEN}),
        (["a, b = state.persons, 1", "a[b].need = 1.0"], {WRITTEN}),
        (["for each in state.persons:", "    each.need = 1.0"], {WRITTEN}),
        (["person = state.businesses[0]", "x = person.need"], {("Business", "need", False)}),
        (["x = state.persons[business.person].need"], {READ, ("Business", "person", False)}),
        (["x = business.person", "y = x.need"], {("Business", "person", False)}),
        (["state.persons['need'][2:] = 0"], {WRITTEN}),
        (["x = state.persons['need'][2:]"], {READ}),
        (["x = stranger.need"], set()),
        (["x = 1 if y == Way.FOOT else 2"], {("Way", "FOOT", False)}),
        (["x = Way.FOOT"], {("Way", "FOOT", True)}),
        (["return Way.FOOT"], {("Way", "FOOT", True)}),
        (["walk(Way.FOOT)"], {("Way", "FOOT", True)}),
        (["x = money[Way.FOOT]"], {("Way", "FOOT", False)}),
        (["money[Way.FOOT] -= 1"], {("Way", "FOOT", False), ("Way", "FOOT", True)}),
        (["return {'total': 1}"], {("plan", "total", True)}),
    ],
)
def test_a_function_is_read(lines: list[str], expected: set[tuple[str, str, bool]]) -> None:
    assert found(*lines) == expected


def test_an_annotation_goes_before_a_name() -> None:
    assert found("x = owner.need", arguments="owner: Business") == {("Business", "need", False)}
    assert found("owner = state.persons[0]", "x = owner.need", arguments="owner: Business") == {
        ("Business", "need", False)
    }


def test_a_sentence_ends_at_its_stop() -> None:
    assert first_sentence("Wear 0.5 of\n it. Because.") == "Wear 0.5 of it."
    assert first_sentence("No stop") == "No stop"


def test_reading_compiles_nothing() -> None:
    code = "import sys; from idmaj.sim.glossary import terms; terms(); print({'numba', 'mesa'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
