"""What the parts of a combination may not disagree on, and that their order changes nothing."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from strategy_files import BLOCK, START, package, problems_of, settings_of, shelf, write

from idmaj.sim.policy import Change, Layer, Strategy, StrategyError, combine, settings_table


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
    assert np.array_equal(settings_of(f"need+{mine}", library), settings_of("need", library))


@pytest.mark.parametrize(("later", "from_"), [("need_first", None), ("lottery", "2028-01"), ("as_before", "2028-01")])
def test_only_months_from_which_both_have_set_it_count(tmp_path: Path, later: str, from_: str | None) -> None:
    library = shelf(tmp_path)
    mine = write(tmp_path, 'name = "M"\nextends = "continued"\nwhy = "x"\n' + BLOCK.replace("mixed", later))
    for which in (f"need+{mine}", f"{mine}+need"):
        if from_ is None:
            assert np.array_equal(settings_of(which, library), settings_of("need", library))
        else:
            (problem,) = problems_of(which, library)
            assert f"both from {from_} on" in problem.found


def test_a_package_decides_what_its_parts_disagree_on_from_where_it_speaks(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    path = package(tmp_path, '"need", "draw"', '[selection]\nrule = "quota"\n')
    other = package(tmp_path, '"draw", "need"', '[selection]\nrule = "quota"\n', "other.toml")
    assert np.array_equal(settings_of(path, library), settings_of(other, library))
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

MANY = 200
COLUMNS = ("grants_amount_mad", "advisers_number", "outreach_intensity")
DATES = (None, START, START + 6, START + 12)

said = st.dictionaries(st.sampled_from(COLUMNS), st.sampled_from([1.0, 2.0]), min_size=1, max_size=2)
file = st.dictionaries(st.sampled_from(DATES), said, max_size=3)


def layer(key: str, says: dict[int | None, dict[str, float]], ramp: int = 0, future: bool = False) -> Layer:
    changes = [
        Change(month, "x", 1, values, dict.fromkeys(values, 1), ramp)
        for month, values in sorted(says.items(), key=lambda item: item[0] or 0)
    ]
    return Layer(key, key, "x", f"{key}.toml", None, tuple(changes), future)


@st.composite
def strategies(draw: st.DrawFn) -> list[Strategy]:
    """Return strategies, or futures, each of which extends or combines some of those before it, or none."""
    found: list[Strategy] = []
    for number in range(draw(st.integers(3, 6))):
        below = draw(st.lists(st.sampled_from(found), max_size=2, unique_by=id)) if found else []
        own = layer(f"s{number}", draw(file), draw(st.sampled_from([0, 0, 4, 8])), draw(st.integers(0, 3)) == 0)
        layers_below = combine(below).layers if below else ()
        found.append(Strategy(own.key, own.name, own.why, (*layers_below, own), tuple(below)))
    return found


def told(strategy: Strategy) -> str:
    """Return a strategy in a line, for the message of a test that fails."""
    own = strategy.layers[-1]
    says = [(change.month, change.values, change.ramp) for change in own.changes]
    return f"{own.key} {'future ' * own.future}on {[part.key for part in strategy.below]}: {says}"


def outcome(parts: tuple[Strategy, ...]) -> bytes | None:
    try:
        return settings_table(combine(parts), START, START + 15).tobytes()
    except StrategyError:
        return None


@settings(max_examples=MANY, deadline=None)
@given(strategies())
def test_the_order_of_parts_changes_neither_settings_nor_whether_there_are_any(made: list[Strategy]) -> None:
    assert len({outcome(parts) for parts in permutations(made[-3:])}) == 1, "\n".join(map(told, made))


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
