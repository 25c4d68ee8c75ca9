"""Strategies that build on others: extends, combines, parts joined by '+'."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from strategy_files import HEAD, MONTHS, START, layers_of, package, problems_of, settings_of, shelf, the_problem, write

from idmaj.sim.policy import base_of, differences, read_strategy

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


def test_parts_lie_over_what_they_share_in_the_order_given(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    assert layers_of("need+advice", library) == ["history", "continued", "need", "advice"]
    assert layers_of("advice+need", library) == ["history", "continued", "advice", "need"]
    row = settings_of("need+advice", library)[-1]
    apart = [settings_of(name, library)[-1] for name in ("need", "advice")]
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
    assert layers_of(together, library) == layers_of(alone, library)
    assert np.array_equal(settings_of(together, library), settings_of(alone, library))


def test_two_of_three_parts_may_share_more_than_all_three(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    assert layers_of("advice+need+more_advice", library) == ["history", "continued", "advice", "need", "more_advice"]
    assert settings_of("more_advice+need+advice", library)[-1].advisers_number == 12


def test_a_plus_in_the_path_of_a_file_belongs_to_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = shelf(tmp_path)
    (tmp_path / "c++").mkdir()
    write(tmp_path, 'name = "P"\nextends = "continued"\nwhy = "x"\n[grants]\ndelay_months = 7\n', "need+advice")
    write(tmp_path, 'name = "Q"\nextends = "continued"\nwhy = "x"\n', "c++/q.toml")
    monkeypatch.chdir(tmp_path)
    assert layers_of("need+advice", library)[2:] == ["need+advice"]
    assert layers_of("need+advice+draw", library)[2:] == ["need+advice", "draw"]
    assert layers_of("draw + c++/q.toml + advice", library)[2:] == ["draw", "q", "advice"]
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


def test_a_package_equals_the_overlay_of_its_parts(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    path = package(tmp_path, '"need", "./advice.toml"')
    strategy = read_strategy(path, library)
    assert (strategy.key, strategy.name, strategy.why) == ("package", "Package", "both")
    assert np.array_equal(settings_of(path, library), settings_of("need+advice", library))
    assert not np.array_equal(settings_of(path, library), settings_of("need", library))


def test_what_a_package_says_itself_lies_over_its_parts(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    more = "[advisers]\nnumber = 20\n[grants]\ndelay_months = 5\n"
    path = package(tmp_path, '"need", "advice"', more)
    assert layers_of(path, library) == ["history", "continued", "need", "advice", "package"]
    found = {
        each.column: (each.value_a, each.value_b)
        for each in differences(read_strategy("need+advice", library), read_strategy(path, library), START, MONTHS)
    }
    assert found == {"advisers_number": (9, 20), "grants_delay_months": (2, 5)}


def test_a_package_is_a_part_and_a_base_like_any_other(tmp_path: Path) -> None:
    library = shelf(tmp_path) | {"package": package(tmp_path, '"need", "advice"', "[grants]\ntranches = 3\n")}
    assert layers_of("package+advice", library) == layers_of("package", library)
    assert np.array_equal(settings_of("advice+package", library), settings_of("package", library))
    mine = write(tmp_path, 'name = "Mine"\nextends = "package"\nwhy = "x"\n[advisers]\nnumber = 1\n')
    assert layers_of(mine, library) == ["history", "continued", "need", "advice", "package", "mine"]
    assert settings_of(mine, library)[-1].advisers_number == 1
    assert np.array_equal(settings_of(f"package+{mine}", library), settings_of(mine, library))
    outer = package(tmp_path, '"package", "mine.toml"', name="outer.toml")
    assert layers_of(outer, library)[-3:] == ["package", "mine", "outer"]


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
