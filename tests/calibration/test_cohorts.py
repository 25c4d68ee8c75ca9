"""Cohort tables, published figures and priors of one's own are read strictly."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration.cohorts import cohorts_of
from idmaj.calibration.prior_files import laid_over, prior_file_of
from idmaj.calibration.priors import quantile
from idmaj.calibration.published import published_of
from idmaj.calibration.reading import EvidenceError
from idmaj.sim.params import NUMBERS

HEADER = "cohort_from,cohort_to,sex,n_started,at,age_months,n_active,n_failed,n_left,n_wage,n_unknown,source"
FIRST = "2012-01,2012-12,female,40,2013-12,,30,6,2,,1,report"
LATER = "2012-01,2012-12,female,40,2014-12,,22,12,3,,1,report"
FIGURE = {
    **{"id": '"F1"', "quantity": '"share active"', "value": "53.7", "unit": '"percent"', "rounding": "0.1"},
    **{"n": "[494, 579]", "denominator": '"AGRs"', "untraceable": '"not stated"', "from": '"2007-01"'},
    **{"to": "2017-05-23", "population": '"clients"', "intake": "{ 2014 = 63, 2015 = 83 }"},
    **{"source": '"a report"', "grade": '"B"'},
}
PRIOR = {
    **{"name": '"failure_level"', "distribution": '"lognormal"', "low": "0.05", "median": "0.12", "high": "0.3"},
    **{"source": '"a panel"', "grade": '"C"', "weight": "1"},
}


def cohorts(*rows: str) -> pd.DataFrame:
    return cohorts_of("own.csv", "\n".join([HEADER, *rows]) + "\n")


def block(section: str, values: dict[str, str]) -> str:
    lines = [f"{key} = {value}" for key, value in values.items() if value]
    return "\n".join([f"[[{section}]]", *lines]) + "\n"


def problem(read: object, text: str) -> str:
    with pytest.raises(EvidenceError) as caught:
        read("own", text)  # type: ignore[operator]
    (line,) = str(caught.value).splitlines()
    return line


def test_cohorts_are_told_apart_and_the_rest_is_counted() -> None:
    other = "2012-01,2012-12,male,10,,24,10,0,0,0,0,report"
    table = cohorts(FIRST, other, LATER)
    assert table["cohort"].tolist() == [0, 1, 0]
    assert table["n_rest"].tolist() == [1, 0, 2]
    assert table.loc[0, ["cohort_from", "cohort_to", "at"]].tolist() == pytest.approx([60.0, 72.0, 84.0])
    assert math.isnan(table.loc[0, "age_months"]) and table.loc[1, "age_months"] == 24.0
    assert pd.isna(table.loc[0, "n_wage"]) and table.loc[1, "n_wage"] == 0
    assert table["place"].tolist() == ["", "", ""]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (FIRST.replace("2012-12", "2011-12"), "line 2, cohort_to: found '2011-12'; accepted: cohort_from or later"),
        (FIRST.replace("2013-12,", "2013-12,12"), "at: found both at and age_months; accepted: either"),
        (FIRST.replace("2013-12,", ","), "at: found nothing; accepted: either at or age_months"),
        (FIRST.replace("2013-12", "2099-11"), "at: found '2099-11'; accepted: a date that has passed"),
        (FIRST.replace("2013-12", "2011-11"), "at: found '2011-11'; accepted: cohort_from or later"),
        (FIRST.replace(",30,", ",35,"), "n_started: found '40'; accepted: at least 44"),
        (FIRST.replace(",30,", ",3o,"), "n_active: found '3o'; accepted: a whole number"),
        (FIRST.replace(",report", ","), "source: found nothing"),
        (FIRST.replace("female", "femal"), "nearest: 'female'"),
    ],
)
def test_each_fault_of_a_cohort_is_named(row: str, message: str) -> None:
    assert message in problem(cohorts_of, f"{HEADER}\n{row}\n")


def test_endings_only_add_up_and_a_cohort_keeps_its_size() -> None:
    fewer = f"{HEADER}\n{LATER.replace(',12,3', ',5,3')}\n{FIRST}\n"
    assert problem(cohorts_of, fewer).startswith(
        "own, line 2, n_failed: found '5'; accepted: at least 6, counted earlier"
    )
    grown = f"{HEADER}\n{FIRST}\n{LATER.replace(',40,', ',41,')}\n"
    assert "line 3, n_started: found '41'; accepted: 40, as in the first row" in problem(cohorts_of, grown)
    twice = f"{HEADER}\n{FIRST}\n{FIRST}\n"
    assert "accepted: one row each (first on line 2)" in problem(cohorts_of, twice)


def test_a_figure_is_read() -> None:
    row = published_of("own", block("figures", FIGURE)).iloc[0]
    assert (row["value"], row["rounding"], row["n"]) == (53.7, 0.1, (494, 579))
    assert pd.isna(row["k"]) and row["intake"] == ((2014, 63), (2015, 83))
    assert (row["from"], row["to"]) == (0.0, pytest.approx(124 + 22 / 31))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": ""}, "own, line 1, F1, source: found nothing; accepted: some text"),
        ({"value": "53.74"}, "value: found '53.74'; accepted: a multiple of rounding, 0.1"),
        ({"value": "153.7"}, "value: found '153.7'; accepted: a share, 0 to 100"),
        ({"unit": '"MAD"'}, "denominator: found 'AGRs'; accepted: 'none' for a figure in MAD"),
        ({"denominator": '"none"'}, "denominator: found 'none'; accepted: of what k and n are counts"),
        ({"n": '"many"'}, "n: found 'many'; accepted: a list of whole numbers"),
        ({"rounding": "0"}, "rounding: found '0'; accepted: a number above 0"),
        ({"to": '"2006-01"'}, "to: found '2006-01'; accepted: from or later"),
        ({"to": '"2099-01"'}, "to: found '2099-01'; accepted: a date that has passed"),
        ({"grade": '"D"'}, "grade: found 'D'; accepted: one of A, B, C"),
        ({"intake": "[63, 83]"}, "intake: found '63 83'; accepted: a table of years and counts"),
        ({"sourec": '"x"'}, "own, line 16, sourec: found a key that is not known; accepted: id, "),
        ({"sourec": '"x"'}, "nearest: sourec: source"),
    ],
)
def test_each_fault_of_a_figure_is_named(change: dict[str, str], message: str) -> None:
    assert message in problem(published_of, block("figures", FIGURE | change))


def test_a_file_without_blocks_is_refused() -> None:
    assert "found no [[figures]]" in problem(published_of, "")
    assert "is no TOML" in problem(published_of, "[[figures]\n")
    more = 'note = "x"\n' + block("figures", FIGURE)
    assert "own, line 1, note: found a part that is not known" in problem(published_of, more)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"name": '"failure_levle"'},
            "accepted: a parameter of the model, not fixed (idmaj explain lists them); nearest: 'failure_level'",
        ),
        ({"name": '"hazard_family"'}, "name: found 'hazard_family'"),
        ({"distribution": '"gamma"'}, "distribution: found 'gamma'; accepted: one of lognormal, normal, share"),
        ({"low": "0.2"}, "low: found '0.2'; accepted: below median, 0.12"),
        ({"high": "0.1"}, "high: found '0.1'; accepted: above median, 0.12"),
        ({"low": "0.0"}, "low: found '0.0'; accepted: above 0 for a lognormal prior"),
        ({"distribution": '"share"', "high": "1.5"}, "high: found '1.5'; accepted: below 1 for a share"),
        ({"weight": "1.5"}, "weight: found '1.5'; accepted: a number, 0 to 1"),
        ({"weight": ""}, "weight: found nothing"),
        ({"source": ""}, "source: found nothing"),
    ],
)
def test_each_fault_of_a_prior_is_named(change: dict[str, str], message: str) -> None:
    assert message in problem(prior_file_of, block("priors", PRIOR | change))


def test_a_prior_of_less_weight_is_wider() -> None:
    """At a quarter of the weight the spread on the log scale doubles; at none the model's own prior stays."""
    full, quarter, none = (
        laid_over(prior_file_of("own", block("priors", PRIOR | {"weight": weight})))["failure_level"]
        for weight in ("1", "0.25", "0")
    )
    assert (full.low, full.median, full.high) == pytest.approx((0.05, 0.12, 0.3))
    assert math.log(quarter.high / 0.12) == pytest.approx(2 * math.log(full.high / 0.12))
    assert math.log(0.12 / quarter.low) == pytest.approx(2 * math.log(0.12 / full.low))
    assert none == NUMBERS["failure_level"]
    assert quantile(quarter, np.array([0.05, 0.5, 0.95])) == pytest.approx([quarter.low, 0.12, quarter.high])
    assert "a panel (grade C, weight 0.25)" in quarter.basis
