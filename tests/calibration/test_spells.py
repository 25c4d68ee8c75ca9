"""A register of spells is read as it is meant, or every fault of it is named."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from registers import GOOD, register

from idmaj.calibration.dates import day_of, first_moment, last_moment
from idmaj.calibration.reading import EvidenceError
from idmaj.calibration.schemas import SPELLS, Exit
from idmaj.calibration.spells import ages, could_be_seen, ended, read_spells, spells_of


def refusal(text: str) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        spells_of("own.csv", text)
    return str(caught.value).splitlines()


def test_dates_are_months_since_2007() -> None:
    assert first_moment("2007-01") == first_moment("2007-01-01") == 0.0
    assert first_moment("2007-02-01") == 1.0
    assert first_moment("2007-01-31") < last_moment("2007-01") < 1.0
    assert last_moment("2007-01") == pytest.approx(1.0, abs=1e-5)
    assert first_moment("2017-05-16") == last_moment("2017-05-16") == pytest.approx(124 + 15 / 31)
    assert first_moment("2006-12-01") == -1.0
    days = ["2007-01-01", "2008-02-29", "2016-12-31", "1999-06-30"]
    assert [day_of(first_moment(day)) for day in days] == days


@pytest.mark.parametrize("text", ["2011-02-30", "2011-13", "2011", "11-02-2011", "2011-1", "2011-02-3x", ""])
def test_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        first_moment(text)


def test_a_register_is_read_with_what_each_empty_cell_means(tmp_path: Path) -> None:
    """In any order of columns, with a byte-order mark and a comment; months are intervals."""
    rows = (
        {},
        {"last_active": "", "trained": "no", "observed_from": "2012-06", "first_agr": "", "weight": "2"},
        {"exit": "active", "last_active": "2014-02", "first_inactive": "", "trained": "", "need": ""},
        {"start_lo": "2012-03", "start_hi": "2012-04", "first_inactive": "2013-07", "sex": "", "owner_id": "P1"},
    )
    path = tmp_path / "own.csv"
    path.write_bytes(b"\xef\xbb\xbf# kept by hand\n" + register(*rows, header=list(GOOD)[::-1]).encode())
    table = read_spells(path)
    assert list(table) == [column.name for column in SPELLS.columns]
    assert table["exit"].tolist() == [Exit.FAILED, Exit.FAILED, Exit.ACTIVE, Exit.FAILED]
    assert table["start_lo"].tolist()[3] == 62.0 and table["start_hi"].tolist()[3] == pytest.approx(64.0)
    assert table["first_inactive"].tolist()[2:] == [math.inf, pytest.approx(79.0)]
    assert table["last_active"].tolist()[1:3] == [table["start_lo"][1], 85.0]
    assert table["trained"].tolist()[:2] == [58.0, math.inf] and math.isnan(table["trained"][2])
    assert table["observed_from"].tolist()[:2] == [-math.inf, 65.0]
    assert table["weight"].tolist() == [1.0, 2.0, 1.0, 1.0]
    assert table["first_agr"][0] == 1.0 and math.isnan(table["first_agr"][1])
    assert math.isnan(table["need"][2]) and table["sex"][3] == ""
    assert table.attrs["lines"] == [3, 4, 5, 6]
    assert ended(table).tolist() == [True, True, False, True]


def test_columns_that_are_not_needed_may_be_left_out() -> None:
    needed = [column.name for column in SPELLS.columns if column.required]
    table = spells_of("own.csv", register({"exit": "failed"}, header=[*needed, "first_inactive"]))
    assert table.loc[0, "place"] == "" and table.loc[0, "weight"] == 1.0
    assert table.loc[0, "last_active"] == table.loc[0, "start_lo"]


FAULTS = [
    ({"start_lo": "2012-02-30"}, "start_lo: found '2012-02-30'; accepted: a date, YYYY-MM-DD or YYYY-MM"),
    ({"start_lo": "05/03/2012"}, "start_lo: found '05/03/2012'; accepted: a date"),
    ({"start_lo": "1912-03"}, "start_lo: found '1912-03'; accepted: a date"),
    ({"start_hi": ""}, "start_hi: found nothing; accepted: a date"),
    ({"first_inactive": "2099-01"}, "first_inactive: found '2099-01'; accepted: a date that has passed"),
    ({"start_hi": "2012-03-04"}, "start_hi: found '2012-03-04'; accepted: start_lo or later"),
    ({"start_lo": "2012-04", "start_hi": "2012-03"}, "start_hi: found '2012-03'; accepted: start_lo or later"),
    ({"exit": "fialed"}, "exit: found 'fialed'; accepted: one of active, failed, "),
    ({"exit": "fialed"}, "; nearest: 'failed'"),
    ({"exit": ""}, "exit: found nothing"),
    ({"sex": "F"}, "sex: found 'F'; accepted: one of male, female, or nothing"),
    ({"sector": "fod"}, "nearest: 'food'"),
    ({"origin": "Syria"}, "origin: found 'Syria'; accepted: an ISO 3166 code"),
    ({"trained": "yes"}, "trained: found 'yes'; accepted: a date, YYYY-MM-DD or YYYY-MM, no, or nothing"),
    ({"grant_mad": "9,000"}, "grant_mad: found '9,000'; accepted: MAD, 0 or more"),
    ({"grant_mad": "-1"}, "grant_mad: found '-1'"),
    ({"first_agr": "1"}, "first_agr: found '1'; accepted: one of yes, no, or nothing"),
    ({"need": "40"}, "need: found '40'; accepted: a number, 0 to 1"),
    ({"weight": "0"}, "weight: found '0'; accepted: a number above 0"),
    ({"source": ""}, "source: found nothing; accepted: some text"),
    ({"id": ""}, "id: found nothing; accepted: some text"),
    ({"last_active": "2012-03-04"}, "last_active: found '2012-03-04'; accepted: start_lo or later"),
    ({"first_inactive": "2012-12-01"}, "first_inactive: found '2012-12-01'; accepted: last_active or later"),
    ({"first_inactive": "2012-03-01"}, "first_inactive: found '2012-03-01'; accepted: start_lo or later"),
    (
        {"first_inactive": ""},
        "first_inactive: found nothing; accepted: the date by which it was closed, for exit failed",
    ),
    ({"exit": "active"}, "first_inactive: found '2013-07-10'; accepted: nothing for an AGR that is active"),
    (
        {"exit": "lost", "first_inactive": "", "last_active": ""},
        "last_active: found nothing; accepted: the date at which",
    ),
]


@pytest.mark.parametrize(("change", "message"), FAULTS)
def test_each_fault_is_named_with_its_place(change: dict[str, str], message: str) -> None:
    """One fault, one line; the row is named by its line alone, never by an identifier."""
    lines = refusal(register({"id": "SECRET"}, {"id": "HIDDEN"} | change))
    assert len(lines) == 1
    assert lines[0].startswith("own.csv, line 3, ") and message in lines[0]
    assert "HIDDEN" not in lines[0] and "P2" not in lines[0]


def test_the_month_that_is_may_stand_for_a_date() -> None:
    month = date.today().isoformat()[:7]
    table = spells_of("own.csv", register({"first_inactive": month, "exit": "failed"}))
    assert len(table) == 1


def test_an_id_that_is_there_twice_is_not_repeated() -> None:
    (line,) = refusal(register({"id": "SECRET"}, {"id": "SECRET"}))
    assert line == "own.csv, line 3, id: found one that is there already; accepted: one row each (first on line 2)"


def test_all_faults_are_named_and_many_are_counted() -> None:
    lines = refusal(register({"exit": "x", "sex": "x", "need": "x"}, {"start_hi": "2001-01"}))
    assert [line.split(", ")[1:3] for line in lines] == [
        ["line 2", "exit: found 'x'; accepted: one of active"],
        ["line 2", "sex: found 'x'; accepted: one of male"],
        ["line 2", "need: found 'x'; accepted: a number"],
        ["line 3", "start_hi: found '2001-01'; accepted: start_lo or later"],
    ]
    with pytest.raises(EvidenceError) as caught:
        spells_of("own.csv", register(*[{"exit": "x"}] * 50))
    assert len(caught.value.problems) == 50
    assert str(caught.value).endswith("\nand 20 more problems of the same file")


def test_a_column_that_is_not_known_is_refused_with_the_nearest() -> None:
    """A column with names of people must not slip in; a column needed must be there."""
    text = register({}).replace("origin", "orgin", 1)
    assert "not known or twice: orgin; accepted: " in refusal(text)[0] and "nearest: orgin: origin" in refusal(text)[0]
    assert "missing exit;" in refusal(register({}, header=[name for name in GOOD if name != "exit"]))[0]


def test_ages_and_who_can_have_been_seen() -> None:
    """The start is the middle of its interval; who had closed before being observed is left out."""
    rows = (
        {"start_lo": "2012-03", "start_hi": "2012-03", "last_active": "2013-01-01", "first_inactive": "2013-07-01"},
        {"observed_from": "2013-07-10"},
        {"observed_from": "2013-06-01", "last_active": ""},
        {"exit": "lost", "first_inactive": "", "last_active": "2012-12-05", "observed_from": "2013-01-01"},
        {"exit": "active", "first_inactive": "", "last_active": "2012-03-05"},
    )
    table = spells_of("own.csv", register(*rows))
    assert could_be_seen(table).tolist() == [True, False, True, False, True]
    found = ages(table)
    assert found.index.tolist() == [0, 2, 4]
    assert found.loc[0, ["entry", "active", "inactive"]].tolist() == pytest.approx([0.0, 9.5, 15.5])
    assert found.loc[2, "entry"] == found.loc[2, "active"] == pytest.approx(15 - 4 / 31)
    assert found.loc[4, ["entry", "active", "inactive"]].tolist() == [0.0, 0.0, np.inf]
