"""The check of a file says in plain words what is amiss, and shows no small cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from registers import register

from idmaj.calibration.data_check import Checked, check_file
from idmaj.calibration.examples import EXAMPLES, example, table_text
from idmaj.calibration.privacy import LEAST, open_rows, shown, shown_parts, shown_share, told
from idmaj.calibration.reading import EvidenceError
from idmaj.calibration.schemas import SPELLS, Exit
from idmaj.calibration.spell_checks import at_risk
from idmaj.calibration.spells import spells_of
from idmaj.calibration.synthetic import ALL_DEFECTS, Defects, Truth, synthetic_spells


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own.csv"


def checked(path: Path, text: str) -> Checked:
    path.write_text(text, encoding="utf-8")
    return check_file(path)


def said(found: Checked, check: str, level: str | None = None) -> str:
    return " ".join(f.says for f in found.findings if f.check == check and level in (None, f.level))


def test_counts_under_five_are_not_shown() -> None:
    assert [shown(count) for count in (0, 1, 4, 5, 1234)] == ["0", "<5", "<5", "5", "1,234"]
    assert shown_parts([3, 20, 8]) == ["withheld", "20", "withheld"]
    assert shown_parts([3, 2, 8]) == ["<5", "<5", "8"]
    assert shown_parts([1, 1, 8, 9]) == shown_parts([4, 4, 8, 9]) == ["withheld", "withheld", "withheld", "9"]
    assert shown_parts([0, 3, 2]) == ["withheld", "withheld", "withheld"]
    assert shown_parts([0, 20]) == ["0", "20"]
    assert [shown_share(*pair) for pair in ((3, 50), (47, 50), (2, 4), (0, 50), (25, 50), (0, 0))] == [
        *("<5", "<5", "<5", "0 %", "50 %", "-")
    ]


def test_what_is_shown_can_be_told_in_a_sentence() -> None:
    for cell in ("0", "<5", "1,234", "31.3", "0 %", "50 %", "-", "withheld", "2012-03", "Rabat"):
        assert told(cell) == cell


def sums(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield every way in which some parts add up to a total."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in sums(total - first, parts - 1))


@pytest.mark.parametrize("parts", [2, 3, 4, 5])
def test_no_hidden_part_can_be_worked_out_even_by_who_knows_how_they_are_hidden(parts: int) -> None:
    """Of all tables that print the same, with the same total, no two or more agree on what is hidden."""
    alike: dict[tuple[str, ...], list[tuple[int, ...]]] = defaultdict(list)
    for total in range(26 if parts < 5 else 19):
        for table in sums(total, parts):
            alike[shown(total), *shown_parts(table)].append(table)
    for (_, *said), tables in alike.items():
        for cell, counts in zip(said, zip(*tables, strict=True), strict=True):
            assert (len(set(counts)) == 1) == (cell not in ("<5", "withheld")), (said, tables)


def test_no_small_count_of_a_table_with_two_margins_can_be_worked_out() -> None:
    """Levels with a size, those lost in them and those not: known are all totals and what open rows show."""
    alike: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    for lost in (5, 9, 14):
        for parts in sums(lost, 3):
            for rests in sums(15, 3):
                wholes = [part + rest for part, rest in zip(parts, rests, strict=True)]
                known = open_rows(wholes, parts, rests)
                rows = zip(wholes, parts, known, strict=True)
                alike[lost, *((size, part) if plain else None for size, part, plain in rows)].append((*parts, *rests))
    for tables in alike.values():
        for counts in zip(*tables, strict=True):
            assert len(set(counts)) > 1 or counts[0] not in range(1, LEAST), tables


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_kind_is_told_from_the_content(own: Path, kind: str) -> None:
    """Whatever the file is called."""
    found = checked(own, example(kind, Truth(), ALL_DEFECTS, 300, 1)[0])
    assert found.kind == kind and found.rows > 0
    assert all(finding.level in ("fine", "note", "warning") for finding in found.findings)


def test_what_is_no_such_file_is_refused(own: Path) -> None:
    for text in ("", "a,b\n1,2\n", "id,source\n1,2\n", "[other]\nx = 1\n"):
        with pytest.raises(EvidenceError, match="found no file of a known kind; accepted: spells: a CSV file with"):
            checked(own, text)


def test_a_careful_register_has_nothing_amiss(own: Path) -> None:
    spells = synthetic_spells(Truth(), Defects(), 800, 2)
    found = checked(own, table_text(SPELLS, spells, "made up"))
    assert found.warnings == 0, [finding for finding in found.findings if finding.level == "warning"]
    assert "All closings are known to the day. Are these dates of closing" in said(found, "intervals")
    assert "All are observed from their start" in said(found, "unseen")


def test_defects_are_noticed(own: Path) -> None:
    spells = synthetic_spells(Truth(), replace(ALL_DEFECTS, missing=0.3), 800, 2)
    found = checked(own, table_text(SPELLS, spells, "made up"))
    assert "100 % of closings are known within an interval only: half of these within 6.0 months" in said(
        found, "intervals"
    )
    assert "15 % are lost to follow-up, evenly" in said(found, "lost", "warning")
    assert "More than one in five missing: sector, sex" in said(found, "missing", "warning")
    assert "came under observation after they opened" in said(found, "unseen", "fine")


def test_what_depends_on_the_outcome_is_noticed(own: Path) -> None:
    """Values missing among the closed only, and owners lost in one town only."""
    spells = synthetic_spells(Truth(), Defects(), 800, 2)
    closed = spells["exit"] != Exit.ACTIVE
    spells.loc[closed & (spells.index % 4 == 0), "sex"] = ""
    gone = (spells["place"] == "Oujda") & (spells["exit"] == Exit.ACTIVE)
    spells.loc[gone, "exit"] = int(Exit.LOST)
    found = checked(own, table_text(SPELLS, spells, "made up"))
    assert "Missing by how the AGR ended: sex." in said(found, "missing", "warning")
    assert "unevenly by sex, place, branch:" in said(found, "lost", "warning")


def test_heaps_of_dates_are_noticed(own: Path) -> None:
    random = np.random.default_rng(1)
    dates = [(int(y), int(m), int(d)) for y, m, d in random.integers((2008, 1, 2), (2012, 13, 28), (60, 3))]
    rows = [{"start_lo": f"{y}-{m:02d}-01", "start_hi": f"{y}-{m:02d}-01", "last_active": ""} for y, m, _ in dates]
    assert "100 % fall on day 1 of a month" in said(checked(own, register(*rows)), "heaping", "warning")
    assert "first_inactive: 100 % have the same date" in said(checked(own, register(*rows)), "heaping", "warning")
    rows = [{"start_lo": f"{y}-06-{d:02d}", "start_hi": f"{y}-06-{d:02d}", "last_active": ""} for y, _, d in dates]
    assert "start_lo: 100 % fall in month 6" in said(checked(own, register(*rows)), "heaping", "warning")
    assert "heaping" not in {f.check for f in checked(own, register(*rows[:5])).findings if f.level == "warning"}


def test_spells_that_cannot_have_been_seen_are_counted(own: Path) -> None:
    rows = [{"observed_from": "2014-01-01"}] * 6 + [{}] * 6
    assert said(checked(own, register(*rows)), "unseen", "warning").startswith("6 AGRs had closed")
    assert said(checked(own, register(*rows[5:])), "unseen", "warning").startswith("<5 AGRs had closed")


def test_the_risk_set_is_counted_and_its_thin_ends_are_told(own: Path) -> None:
    rows = [{"last_active": "", "first_inactive": f"{2013 + i // 12}-{i % 12 + 1:02d}-20"} for i in range(30)]
    text = register(*rows)
    risk = at_risk(spells_of("x", text))
    assert risk[:11].tolist() == [30] * 11 and risk[-1] == 1
    found = checked(own, text)
    last_ten, last_five = np.flatnonzero(risk >= 10)[-1], np.flatnonzero(risk >= 5)[-1]
    told = said(found, "risk set")
    assert f"grey past {last_ten} months" in told and f"past {last_five} months fewer than 5 are" in told
    (table,) = [finding.table for finding in found.findings if finding.check == "risk set"]
    assert table is not None and table["at risk"].tolist() == [shown(int(n)) for n in risk[::12]]
    late = register(*[row | {"observed_from": "2012-12-05"} for row in rows])
    assert "Under 9 months of age fewer than 10 are at risk" in said(checked(own, late), "risk set", "warning")
    assert "no curve is worth drawing" in said(checked(own, register({})), "risk set", "warning")


def test_rows_that_stand_twice_are_named_by_their_line(own: Path) -> None:
    rows = ({}, {"owner_id": "P9"}, {"owner_id": "P9"}, {"owner_id": "P1", "grant_mad": "5"})
    told = said(checked(own, register(*rows)), "duplicates", "warning")
    assert told == "The same but for the id: lines 3, 4. One owner, one start: lines 2, 5."


def test_training_after_closing_is_odd(own: Path) -> None:
    found = checked(own, register(*[{"trained": "2014-01"}] * 5))
    assert said(found, "orders", "warning") == "5 AGRs closed before their owner was trained."


def test_no_small_cell_and_no_row_is_shown(own: Path) -> None:
    """Four AGRs of a town of their own, all lost: neither their number nor an identifier appears."""
    gone = {"exit": "lost", "first_inactive": ""}
    rows = [{"owner_id": f"SECRET{i}", "id": f"HIDDEN{i}"} for i in range(30)]
    rows += [gone | {"place": "Tiny", "id": f"H{i}"} for i in range(4)]
    assert "withheld" in said(checked(own, register(*rows)), "lost", "note")
    rows += [gone | {"place": "Oujda", "id": f"O{i}"} for i in range(6)]
    rows += [gone | {"id": f"R{i}"} for i in range(10)]
    found = checked(own, register(*rows))
    (table,) = [finding.table for finding in found.findings if finding.check == "lost"]
    assert table is not None
    towns = table[table["covariate"] == "place"].set_index("level")[["AGRs", "lost", "share"]].T
    assert towns["Tiny"].tolist() == towns["Oujda"].tolist() == ["withheld"] * 3
    assert towns["Rabat"].tolist() == ["40", "10", "25 %"]
    whole = " ".join(f.says + ("" if f.table is None else f.table.to_string()) for f in found.findings)
    assert "SECRET" not in whole and "HIDDEN" not in whole


def test_totals_under_five_are_not_shown(own: Path) -> None:
    found = checked(own, register({}, {}, {}))
    assert said(found, "size").startswith("<5 AGRs of <5 owners")
    assert found.shown_rows == "<5"
    header = "cohort_from,cohort_to,n_started,at,n_active,n_failed,n_left,n_wage,n_unknown,source\n"
    text = f"{header}2012-01,2012-12,4,2013-12,4,0,0,0,0,a\n"
    assert said(checked(own, text), "size") == "1 cohorts, <5 AGRs, 1 counts of them."


def test_heaps_that_tell_a_small_count_are_not_told_in_numbers(own: Path) -> None:
    """Three of twenty on one date, and eighteen of twenty: neither 15 % nor 90 % is printed."""
    days = [f"20{i:02d}-{i % 12 + 1:02d}-{i + 2:02d}" for i in range(20)]

    def heaped(same: int) -> str:
        dates = ["2010-06-20"] * same + days[same:]
        return said(checked(own, register(*({"trained": date} for date in dates))), "heaping", "warning")

    assert "trained: 25 % have the same date" in heaped(5)
    assert "trained" not in heaped(4) and "trained" not in heaped(3)
    assert "trained: Nearly all have the same date" in heaped(18)
    assert "trained: 100 % have the same date" in heaped(20)


def test_cohort_tables_are_checked(own: Path) -> None:
    header = "cohort_from,cohort_to,n_started,at,n_active,n_failed,n_left,n_wage,n_unknown,source\n"
    rows = ["2012-01,2012-12,40,2013-12,20,5,0,0,0,a", "2012-01,2012-12,40,2014-12,25,5,0,,0,a"]
    rows += ["2012-06,2013-05,40,2014-12,25,2,0,0,0,a"]
    found = checked(own, header + "\n".join(rows) + "\n")
    assert said(found, "size") == "2 cohorts, 80 AGRs, 3 counts of them."
    assert "over all rows" in said(found, "rest", "warning")
    assert "Not always counted: n_wage" in said(found, "endings", "warning")
    assert said(found, "small cells").startswith("<5 counts are of 1 to 4 AGRs")
    assert said(found, "reopened", "warning") and said(found, "overlap", "warning")


def test_published_figures_are_checked(own: Path) -> None:
    text = example("figures", Truth(), ALL_DEFECTS, 300, 1)[0]
    text = text.replace('untraceable = "counted as closed"', 'untraceable = "not stated"')
    lines = [line for line in text.splitlines() if not line.startswith(("k =", "intake"))]
    text = "\n".join("n = [494, 579]" if line.startswith("n =") else line for line in lines)
    text = "\n".join("value = 53.7" if line.startswith("value") else line for line in text.splitlines())
    found = checked(own, text)
    assert "no whole number out of 494 gives 53.7 %" in said(found, "rounding", "warning")
    assert "311 of 579" in said(found, "rounding", "fine")
    assert said(found, "untraceable", "warning") and said(found, "intake", "warning")


def test_priors_are_checked(own: Path) -> None:
    text = example("priors", Truth(), ALL_DEFECTS, 300, 1)[0]
    blocks = text.replace('source = "synthetic example, no real AGR"', 'source = "S001"', 1)
    found = checked(own, blocks.replace("median = 0.95\nhigh = 1.2", "median = 1.5\nhigh = 1.9"))
    assert said(found, "transport", "warning").startswith("failure_level: S001 is a death rate of existing firms")
    assert "weibull_shape: median 1.5 is outside" in said(found, "median", "warning")
    lighter = blocks.replace("weight = 1.0", "weight = 0.0", 1)
    assert not said(checked(own, lighter), "transport") and "weight 0" in said(checked(own, lighter), "weight")


def test_a_spreadsheet_may_write_semicolons_and_decimal_commas(own: Path) -> None:
    """As one in French does; a comma in a decimal is taken for a point only where semicolons stand between cells."""
    rows = ({"need": "0.4", "grant_mad": "9000.5"}, {"need": ""})
    text = "# a note, with commas\n" + register(*rows)
    found = [spells_of("x", each) for each in (text, text.replace(",", ";").replace("0.4", "0,4").replace(".5", ",5"))]
    pd.testing.assert_frame_equal(*found)
    assert found[0].need[0] == 0.4 and found[0].grant_mad[0] == 9000.5
    for written, column in (("0,4,1", "need"), ("1,5", "need"), ("-1,5", "grant_mad")):
        changed = text.replace(",", ";").replace("0.4" if column == "need" else "9000.5", written)
        with pytest.raises(EvidenceError, match=f"x, line 3, {column}: found '{written}'; accepted: "):
            spells_of("x", changed)
    for written in ("9,000", "9.000", "1.250.000"):  # nine, or nine thousand?
        with pytest.raises(EvidenceError, match=f"^x, line 3, grant_mad: found '{written}': thousands, or decimals?"):
            spells_of("x", text.replace(",", ";").replace("9000.5", written))
    for written in ("9000,125", "0,125", "1000"):
        read = spells_of("x", text.replace(",", ";").replace("9000.5", written))
        assert read.grant_mad[0] == float(written.replace(",", "."))
    assert spells_of("x", text.replace(",", ";").replace("0.4", "1,000")).need[0] == 1.0, "no need is a thousand"
    with pytest.raises(EvidenceError, match="need: found '0,4'"):
        spells_of("x", register({"need": "0,4"}))


@pytest.mark.parametrize("comment", ['"# by hand, in 2020; version 2; checked"', "# a; b; c\x0c; d", "# a; b"])
def test_a_comment_does_not_tell_what_stands_between_cells(comment: str) -> None:
    for text in (register({}), register({}).replace(",", ";")):
        assert len(spells_of("x", f"{comment}\n{text}")) == 1


def test_text_in_another_encoding_is_told_how_to_be_saved(own: Path) -> None:
    own.write_bytes(register({"source": "enquête"}).encode("cp1252"))
    with pytest.raises(EvidenceError, match="is no text in UTF-8; save it so, from a spreadsheet as 'CSV UTF-8'"):
        check_file(own)
