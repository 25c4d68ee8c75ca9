"""Strategies that build on others: extends, combines, parts joined by '+', and what parts may not disagree on."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from strategy_files import BLOCK, HEAD, START, problems_of, the_problem, write

from idmaj.sim.composition import Strategy
from idmaj.sim.policy import (
    Change,
    Layer,
    StrategyError,
    base_of,
    combine,
    differences,
    read_strategy,
    settings_table,
)

MONTHS = START + 120

# extends


def test_a_name_of_the_library_and_an_unknown_one(tmp_path: Path) -> None:
    library = {"continued": write(tmp_path, HEAD, "continued.toml")}
    assert read_strategy("continued", library).key == "continued"
    (problem,) = problems_of("continud", library)
    assert (problem.file, problem.found, problem.hint) == (
        "continud",
        "an unknown strategy",
        "did you mean 'continued'?",
    )
    (problem,) = problems_of("zzz", library)
    assert problem.hint == "the names are continued"


def test_a_name_without_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, HEAD)
    monkeypatch.chdir(tmp_path)
    (problem,) = problems_of("mine", {})
    assert problem.hint == "for the file write mine.toml"


@pytest.mark.parametrize(
    ("extends", "found", "hint"),
    [
        ("continud", '"continud", an unknown strategy', "did you mean 'continued'?"),
        ("bse.toml", '"bse.toml", a file that is not there', "did you mean 'base.toml'?"),
    ],
)
def test_extends_that_is_not_there(tmp_path: Path, extends: str, found: str, hint: str) -> None:
    library = {"continued": write(tmp_path, HEAD, "base.toml")}
    (problem,) = problems_of(write(tmp_path, f'{HEAD}extends = "{extends}"\n'), library)
    assert (problem.key, problem.line, problem.found, problem.hint) == ("extends", 3, found, hint)


def test_extends_is_relative_to_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, HEAD, "base.toml")
    path = write(tmp_path, HEAD + 'extends = "../base.toml"\n', "sub/mine.toml")
    assert [layer.key for layer in read_strategy(path, {}).layers] == ["base", "mine"]


def test_a_circle_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, HEAD + 'extends = "b.toml"\n', "a.toml")
    write(tmp_path, HEAD + 'extends = "c.toml"\n', "b.toml")
    write(tmp_path, HEAD + 'extends = "./b.toml"\n', "c.toml")
    monkeypatch.chdir(tmp_path)
    (problem,) = problems_of("a.toml")
    assert (problem.file, problem.line, problem.key) == ("c.toml", 3, "extends")
    assert problem.found == "a circle: b.toml -> c.toml -> b.toml"


def test_only_a_baseline_has_a_start(tmp_path: Path) -> None:
    write(tmp_path, HEAD, "base.toml")
    problem = the_problem(tmp_path, HEAD + 'extends = "base.toml"\nstart = "2020-01"\n')
    assert (problem.key, problem.line, problem.found) == ("start", 4, '"2020-01"')
    assert "--start" in problem.hint


# Parts joined by '+'


def shelf(folder: Path) -> dict[str, Path]:
    """Write a library: history, continued on it, and four parts on that."""
    files = {
        "history": 'name = "History"\nwhy = "done"\nstart = "2007-01"\n[grants]\namount_mad = 1000\n',
        "continued": 'name = "Today"\nextends = "history"\nwhy = "goes on"\n[intake]\nprojects_per_year = 88\n',
        "need": 'name = "Need"\nextends = "continued"\nwhy = "asked for"\n[selection]\nrule = "need_first"\n',
        "draw": 'name = "Draw"\nextends = "continued"\nwhy = "is it fair?"\n[selection]\nrule = "lottery"\n',
        "advice": 'name = "Advice"\nextends = "continued"\nwhy = "asked for."\n[advisers]\nnumber = 9\n',
        "more_advice": 'name = "More"\nextends = "advice"\nwhy = "still more"\n[advisers]\nnumber = 12\n',
    }
    return {name: write(folder, text, f"{name}.toml") for name, text in files.items()}


def table(which: str | Path, library: dict[str, Path]) -> np.recarray:
    return settings_table(read_strategy(which, library), START, MONTHS)


def layers(which: str | Path, library: dict[str, Path]) -> list[str]:
    return [layer.key for layer in read_strategy(which, library).layers]


def test_parts_lie_over_what_they_share_in_the_order_given(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    assert layers("need+advice", library) == ["history", "continued", "need", "advice"]
    assert layers("advice+need", library) == ["history", "continued", "advice", "need"]
    row = table("need+advice", library)[-1]
    apart = [table(name, library)[-1] for name in ("need", "advice")]
    assert (row.selection_rule, row.advisers_number) == (apart[0].selection_rule, apart[1].advisers_number)
    assert (row.grants_amount_mad, row.intake_projects_per_year) == (1000, 88)


def test_key_name_and_why_are_joined(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    mine = write(tmp_path, 'name = "Mine"\nextends = "continued"\nwhy = "a try"\n')
    strategy = read_strategy(f"need+{mine}+advice", library)
    assert (strategy.key, strategy.name) == ("need+mine+advice", "Need + Mine + Advice")
    assert strategy.why == "Need: asked for. Mine: a try. Advice: asked for."


@pytest.mark.parametrize(
    ("together", "alone"),
    [("continued+advice", "advice"), ("advice+history", "advice"), ("more_advice+advice", "more_advice")],
)
def test_what_a_part_builds_on_adds_nothing(tmp_path: Path, together: str, alone: str) -> None:
    library = shelf(tmp_path)
    assert layers(together, library) == layers(alone, library)
    assert np.array_equal(table(together, library), table(alone, library))


def test_two_of_three_parts_may_share_more_than_all_three(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    assert layers("advice+need+more_advice", library) == ["history", "continued", "advice", "need", "more_advice"]
    assert table("more_advice+need+advice", library)[-1].advisers_number == 12


def test_a_plus_in_the_path_of_a_file_belongs_to_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = shelf(tmp_path)
    (tmp_path / "c++").mkdir()
    write(tmp_path, 'name = "P"\nextends = "continued"\nwhy = "x"\n[grants]\ndelay_months = 7\n', "need+advice")
    write(tmp_path, 'name = "Q"\nextends = "continued"\nwhy = "x"\n', "c++/q.toml")
    monkeypatch.chdir(tmp_path)
    assert layers("need+advice", library)[2:] == ["need+advice"]
    assert layers("need+advice+draw", library)[2:] == ["need+advice", "draw"]
    assert layers("draw + c++/q.toml + advice", library)[2:] == ["draw", "q", "advice"]
    (problem,) = problems_of("draw+c++/qq.toml", library)
    assert problem.found == '"c++/qq.toml", a file that is not there'
    (problem,) = problems_of(tmp_path / "c++" / "qq.toml", library)
    assert problem.hint == "did you mean 'q.toml'?"


NOT_PARTS = [
    ("need+advise", '"advise", an unknown strategy', "did you mean 'advice'?"),
    ("need+draws.toml", '"draws.toml", a file that is not there', "did you mean 'draw.toml'?"),
    ("need++advice", "a '+' with nothing beside it", "write need+advice"),
    ("+need", "a '+' with nothing beside it", "write need"),
    ("need+", "a '+' with nothing beside it", "write need"),
    ("+", "a '+' with nothing beside it", ""),
    ("need+advice+need", '"need", the same part twice', "leave one out"),
    ("need+./need.toml", '"./need.toml", the same part twice', "leave one out"),
]


@pytest.mark.parametrize(("which", "found", "hint"), NOT_PARTS)
def test_what_is_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str, found: str, hint: str) -> None:
    library = shelf(tmp_path)
    monkeypatch.chdir(tmp_path)
    (problem,) = problems_of(which, library)
    assert (problem.file, problem.line, problem.found, problem.hint) == (which, None, found, hint)


def test_all_that_is_wrong_with_all_parts_comes_at_once_and_once(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    write(tmp_path, 'name = "Today"\nextends = "history"\n', "continued.toml")
    mine = write(tmp_path, HEAD + "[grants]\namount_mad = -1\n")
    problems = problems_of(f"need++advise+{mine}+advice", library)
    assert [(Path(each.file).name, each.line) for each in problems if "+" not in each.file] == [
        ("continued.toml", 1),
        ("mine.toml", 4),
    ]
    assert len(problems) == 4


# combines


def package(folder: Path, parts: str, more: str = "", name: str = "package.toml") -> Path:
    return write(folder, f'name = "Package"\nwhy = "both"\ncombines = [{parts}]\n{more}', name)


def test_a_package_equals_the_overlay_of_its_parts(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    path = package(tmp_path, '"need", "./advice.toml"')
    strategy = read_strategy(path, library)
    assert (strategy.key, strategy.name, strategy.why) == ("package", "Package", "both")
    assert np.array_equal(table(path, library), table("need+advice", library))
    assert not np.array_equal(table(path, library), table("need", library))


def test_what_a_package_says_itself_lies_over_its_parts(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    more = "[advisers]\nnumber = 20\n[grants]\ndelay_months = 5\n"
    path = package(tmp_path, '"need", "advice"', more)
    assert layers(path, library) == ["history", "continued", "need", "advice", "package"]
    found = {
        each.column: (each.value_a, each.value_b)
        for each in differences(read_strategy("need+advice", library), read_strategy(path, library), START, MONTHS)
    }
    assert found == {"advisers_number": (9, 20), "grants_delay_months": (2, 5)}


def test_a_package_is_a_part_and_a_base_like_any_other(tmp_path: Path) -> None:
    library = shelf(tmp_path) | {"package": package(tmp_path, '"need", "advice"', "[grants]\ntranches = 3\n")}
    assert layers("package+advice", library) == layers("package", library)
    assert np.array_equal(table("advice+package", library), table("package", library))
    mine = write(tmp_path, 'name = "Mine"\nextends = "package"\nwhy = "x"\n[advisers]\nnumber = 1\n')
    assert layers(mine, library) == ["history", "continued", "need", "advice", "package", "mine"]
    assert table(mine, library)[-1].advisers_number == 1
    assert np.array_equal(table(f"package+{mine}", library), table(mine, library))
    outer = package(tmp_path, '"package", "mine.toml"', name="outer.toml")
    assert layers(outer, library)[-3:] == ["package", "mine", "outer"]


def test_what_a_strategy_differs_from(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    path = package(tmp_path, '"need", "more_advice"')
    assert base_of(read_strategy("more_advice", library)).key == "advice"
    assert base_of(read_strategy(path, library)).key == "continued"
    assert base_of(read_strategy("need+advice+draw", library)).key == "continued"
    assert base_of(read_strategy("history", library)).layers == ()


@pytest.mark.parametrize(
    ("text", "found", "hint"),
    [
        ('["need"]', "a list", 'to build on one strategy write extends = "need"'),
        ("[]", "a list", ""),
        ('"need"', '"need"', "to build on one strategy write extends"),
        ('"need + advice"', '"need + advice"', 'write combines = ["need", "advice"]'),
        ('["need", 3]', "3", ""),
        ('["need", " "]', '" "', ""),
    ],
)
def test_a_malformed_list_of_parts(tmp_path: Path, text: str, found: str, hint: str) -> None:
    write(tmp_path, HEAD, "need")
    problem = the_problem(tmp_path, f"{HEAD}combines = {text}\n")
    assert (problem.key, problem.line, problem.found, problem.hint) == ("combines", 3, found, hint)
    assert problem.accepted.startswith("a list of at least two strategies in quotes")


@pytest.mark.parametrize(
    ("parts", "found", "hint"),
    [
        ('"need", "advise"', '"advise", an unknown strategy', "did you mean 'advice'?"),
        ('"need", "ned.toml"', '"ned.toml", a file that is not there', "did you mean 'need.toml'?"),
        ('"need", "./need.toml"', '"./need.toml", the same part twice', "leave one out"),
        (
            '"need", "draw+advice"',
            '"draw+advice", an unknown strategy',
            'in a file write combines = ["draw", "advice"]',
        ),
    ],
)
def test_a_part_of_a_file_that_is_not_there_or_there_twice(tmp_path: Path, parts: str, found: str, hint: str) -> None:
    (problem,) = problems_of(package(tmp_path, parts), shelf(tmp_path))
    assert (Path(problem.file).name, problem.key, problem.line) == ("package.toml", "combines", 3)
    assert (problem.found, problem.hint) == (found, hint)


def test_a_file_extends_or_combines(tmp_path: Path) -> None:
    (problem,) = problems_of(package(tmp_path, '"need", "advice"', 'extends = "continued"\n'), shelf(tmp_path))
    assert (problem.key, problem.line, problem.found) == ("combines", 3, 'extends = "continued" in the same file')
    assert (problem.accepted, problem.hint[:19]) == ("one of the two", "leave out 'extends'")
    (problem,) = problems_of(package(tmp_path, '"need", "advice"', 'start = "2020-01"\n'), shelf(tmp_path))
    assert (problem.key, problem.line) == ("start", 4)


def test_a_circle_through_parts_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = shelf(tmp_path)
    monkeypatch.chdir(tmp_path)
    package(tmp_path, '"need", "b.toml"', name="a.toml")
    write(tmp_path, HEAD + 'extends = "c.toml"\n', "b.toml")
    package(tmp_path, '"advice", "a.toml"', name="c.toml")
    (problem,) = problems_of("draw+a.toml", library)
    assert (problem.file, problem.line, problem.key) == ("c.toml", 3, "combines")
    assert problem.found == "a circle: a.toml -> b.toml -> c.toml -> a.toml"
    package(tmp_path, '"need", "self.toml"', name="self.toml")
    (problem,) = problems_of("self.toml", library)
    assert problem.found == "a circle: self.toml -> self.toml"


# What parts may not disagree on


def test_a_conflict_names_both_lines_both_values_and_the_remedy(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    (problem,) = problems_of("need+draw", library)
    assert str(problem) == (
        f"{library['need']}:5: key 'selection.rule': found need_first here and lottery in {library['draw']}:5, "
        "both from 2026-01 on, accepted the same value in all parts that set it; "
        "leave it out of one of them, or let a file that combines them decide it"
    )
    (other,) = problems_of("draw+need", library)
    assert (other.file, other.line) == (str(library["draw"]), 5)


def test_all_conflicts_come_at_once_with_changes_that_are_too_early(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    text = 'name = "M"\nextends = "continued"\nwhy = "x"\n[selection]\nrule = "mixed"\n[advisers]\nnumber = 1\n'
    early = '[[changes]]\ndate = "2025-01"\nwhy = "x"\n[changes.grants]\ntranches = 2\n'
    problems = problems_of(f"need+{write(tmp_path, text + early)}+draw+advice", library)
    where = {(each.key, Path(each.file).stem, each.found.split(", both")[0].split(os.sep)[-1]) for each in problems}
    assert where == {
        ("advisers.number", "mine", "advice.toml:5"),
        ("changes.date", "mine", '"2025-01"'),
        ("selection.rule", "mine", "draw.toml:5"),
        ("selection.rule", "need", "draw.toml:5"),
        ("selection.rule", "need", "mine.toml:5"),
    }
    assert len(problems) == len(where)


def test_a_conflict_that_two_parts_bring_along_is_told_once(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    a, b = (write(tmp_path, f'name = "{n}"\nextends = "need"\nwhy = "x"\n', f"{n}.toml") for n in "ab")
    (problem,) = problems_of(f"{a}+{b}+draw", library)
    assert (problem.file, problem.key) == (str(library["need"]), "selection.rule")


def test_the_same_value_in_both_is_no_conflict(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    mine = write(tmp_path, 'name = "M"\nextends = "continued"\nwhy = "x"\n[selection]\nrule = "need_first"\n')
    assert np.array_equal(table(f"need+{mine}", library), table("need", library))


@pytest.mark.parametrize(("later", "from_"), [("need_first", None), ("lottery", "2028-01"), ("as_before", "2028-01")])
def test_only_months_from_which_both_have_set_it_count(tmp_path: Path, later: str, from_: str | None) -> None:
    library = shelf(tmp_path)
    mine = write(tmp_path, 'name = "M"\nextends = "continued"\nwhy = "x"\n' + BLOCK.replace("mixed", later))
    for which in (f"need+{mine}", f"{mine}+need"):
        if from_ is None:
            assert np.array_equal(table(which, library), table("need", library))
        else:
            (problem,) = problems_of(which, library)
            assert f"both from {from_} on" in problem.found


def test_a_package_decides_what_its_parts_disagree_on_from_where_it_speaks(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    path = package(tmp_path, '"need", "draw"', '[selection]\nrule = "quota"\n')
    other = package(tmp_path, '"draw", "need"', '[selection]\nrule = "quota"\n', "other.toml")
    assert np.array_equal(table(path, library), table(other, library))
    late = package(tmp_path, '"need", "draw"', BLOCK, "late.toml")
    (problem,) = problems_of(late, library)
    assert (problem.key, Path(problem.file).name) == ("selection.rule", "need.toml")
    mine = write(tmp_path, 'name = "M"\nextends = "late.toml"\nwhy = "x"\n[selection]\nrule = "quota"\n')
    assert problems_of(mine, library) == (problem,)  # what stands below must be sound by itself


def test_funding_shares_are_those_of_the_overlay(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    half = 'name = "M"\nextends = "continued"\nwhy = "x"\n[funding]\nunhcr_share = 0.5\n{} = 0.5\n'
    a = write(tmp_path, half.format("monaco_share"), "a.toml")
    b = write(tmp_path, half.format("state_share"), "b.toml")
    (problem,) = problems_of(f"{a}+{b}", library)
    assert "add up to 1.5 from 2026-01 on (unhcr 0.5 + monaco 0.5 + state 0.5)" in problem.found


# For all of them: the order of the parts changes nothing

COLUMNS = ("grants_amount_mad", "advisers_number", "outreach_intensity")
DATES = (None, START, START + 6, START + 12)

said = st.dictionaries(st.sampled_from(COLUMNS), st.sampled_from([1.0, 2.0]), min_size=1, max_size=2)
file = st.dictionaries(st.sampled_from(DATES), said, max_size=3)


def layer(key: str, says: dict[int | None, dict[str, float]]) -> Layer:
    changes = [
        Change(month, "x", 1, values, dict.fromkeys(values, 1))
        for month, values in sorted(says.items(), key=lambda item: item[0] or 0)
    ]
    return Layer(key, key, "x", f"{key}.toml", None, tuple(changes))


@st.composite
def strategies(draw: st.DrawFn) -> list[Strategy]:
    """Return strategies each of which extends or combines some of those before it, or none."""
    found: list[Strategy] = []
    for number in range(draw(st.integers(3, 6))):
        below = draw(st.lists(st.sampled_from(found), max_size=2, unique_by=id)) if found else []
        own = layer(f"s{number}", draw(file))
        layers_below = combine(below).layers if below else ()
        found.append(Strategy(own.key, own.name, own.why, (*layers_below, own), tuple(below)))
    return found


def outcome(parts: tuple[Strategy, ...]) -> bytes | None:
    try:
        return settings_table(combine(parts), START, START + 15).tobytes()
    except StrategyError:
        return None


@given(strategies())
def test_the_order_of_parts_changes_neither_settings_nor_whether_there_are_any(made: list[Strategy]) -> None:
    assert len({outcome(parts) for parts in permutations(made[-3:])}) == 1


@given(file, file, file)
def test_parts_conflict_where_the_months_both_have_set_differ(
    base: dict[int | None, dict[str, float]],
    one: dict[int | None, dict[str, float]],
    other: dict[int | None, dict[str, float]],
) -> None:
    """Month by month, as the definition says it, on the tables of each part alone."""
    below = Strategy("base", "base", "x", (layer("base", base),))
    parts = [
        Strategy(key, key, "x", (*below.layers, layer(key, says)), (below,))
        for key, says in (("one", one), ("other", other))
    ]
    alone = [settings_table(part, START, START + 15) for part in parts]
    both = settings_table(below, START, START + 15)
    conflict = False
    for column in COLUMNS:
        for month in range(START, START + 15):
            since = [
                any(column in values and (date or START) <= month for date, values in says.items())
                for says in (one, other)
            ]
            values = [table[column][month] for table, has in zip(alone, since, strict=True) if has]
            conflict = conflict or len(set(values)) > 1
            both[column][month] = values[0] if values else both[column][month]
    assert outcome(tuple(parts)) == (None if conflict else both.tobytes())
