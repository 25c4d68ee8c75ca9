"""The evidence is read strictly: the bundled tables whole, each kind of fault refused with its place."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from idmaj.calibration import figures as fg

HEADER = [
    *("id", "quantity", "value", "low", "high", "unit", "period"),
    *("geography", "population", "denominator", "k", "n", "counting_rule"),
    *("source_title", "source_url", "grade", "note"),
]
GOOD = {
    **{"id": "P001", "quantity": "share active", "value": "53.7", "low": "51.5", "high": "55.9"},
    **{"unit": "percent", "period": "2007-2016", "geography": "Morocco", "population": "clients"},
    **{"denominator": "projects", "k": "311", "n": "494 579", "counting_rule": "not stated"},
    **{"source_title": "a paper", "source_url": "https://example.org/a", "grade": "B", "note": ""},
}
LOADERS = {
    "evidence.csv": fg.load_figures,
    "piseruma_by_year.csv": fg.load_programme_by_year,
    "priors.csv": fg.load_priors,
    "unhcr_morocco_asylum_flow.csv": fg.load_flows,
    "unhcr_morocco_by_origin.csv": fg.load_stocks,
    "unhcr_morocco_demographics.csv": fg.load_demographics,
}
EVIDENCE = Path(fg.__file__).parent / "evidence"


def write(path: Path, *rows: dict[str, str], header: list[str] | None = None) -> Path:
    """Write rows, each the good row with some cells changed."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, header or HEADER)
        table.writeheader()
        table.writerows({**GOOD, **row} for row in rows)
    return path


def refusal(load: Callable[[Path], object], path: Path) -> list[str]:
    """Give the lines of the refusal."""
    with pytest.raises(fg.EvidenceError) as caught:
        load(path)
    return str(caught.value).splitlines()


def test_every_bundled_table_loads_with_its_source_unit_and_grade() -> None:
    """All rows are there, and the folder holds no table without a loader."""
    assert {path.name for path in EVIDENCE.glob("*.csv")} == set(LOADERS)
    for name, load in LOADERS.items():
        with (EVIDENCE / name).open(newline="", encoding="utf-8") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        table = load()
        assert len(table) == rows, name
        assert all(table.attrs[key] for key in ("source", "unit", "grade")), name
        pd.testing.assert_frame_equal(table, load(EVIDENCE / name))
    for load in (fg.load_stocks, fg.load_flows, fg.load_demographics):
        assert "UNHCR" in load().attrs["source"]
        assert load().attrs["grade"] == "A"


def test_the_unhcr_tables_agree_with_one_another() -> None:
    """Stocks summed over origins, flows and demographics give the same people; counts are whole numbers."""
    stocks = fg.load_stocks()
    assert list(stocks) == ["year", "origin", "origin_name", "refugees", "asylum_seekers"]
    assert stocks["refugees"].dtype == stocks["asylum_seekers"].dtype == "int64"
    summed = stocks.groupby("year")[["refugees", "asylum_seekers"]].sum()
    flows = fg.load_flows().set_index("year")
    pd.testing.assert_frame_equal(summed, flows[["refugees", "asylum_seekers"]], check_names=False)
    people = fg.load_demographics().pivot(index="year", columns="pop_type", values="total")
    assert people["REF"].tolist() == summed["refugees"].tolist()
    assert people["ASY"].tolist() == summed["asylum_seekers"].tolist()
    programme = fg.load_programme_by_year().set_index("year")
    assert programme["refugees_registered"].tolist() == summed.loc[2007:, "refugees"].tolist()
    assert programme.loc[2016, "cumulative_refugees_financed"] == 494
    assert pd.isna(programme.loc[2008, "projects_financed"])


def test_a_figure_is_found_by_its_id() -> None:
    """A row with value, unit, source and grade; changing the table does not change the evidence."""
    published = fg.figure("P001")
    assert (published.value, published.unit, published.grade) == (53.7, "percent", "B")
    assert "Yabiladi" in published.source_title
    own = fg.load_figures()
    own.loc[0, "value"] = 99.0
    assert fg.figure("P001").value == 53.7


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("P999", "P054"), ("p001", "P001"), ("R01", "R001"), ("PP001", "P001"), ("Q001", "001")],
)
def test_an_unknown_figure_is_refused_with_the_nearest(asked: str, nearest: str) -> None:
    """The message names what was asked for and the nearest id."""
    with pytest.raises(fg.EvidenceError, match=rf"no figure '{asked}'; nearest: \w?{nearest}$"):
        fg.figure(asked)


def test_priors_have_a_name_and_a_detail() -> None:
    """The remark in brackets is kept apart; names are unique; the interval holds the median."""
    priors = fg.load_priors().set_index("name")
    assert priors.index.is_unique
    assert priors.loc["failure_level", "median"] == 0.12
    assert priors.loc["failure_level", "detail"].startswith("rate of a business")
    assert priors.loc["insolvency_floor", "detail"] == ""
    assert ((priors["low90"] <= priors["median"]) & (priors["median"] <= priors["high90"])).all()


def test_a_good_file_loads(tmp_path: Path) -> None:
    """A source may be a title alone or a url alone, a range may be missing, columns in any order."""
    rows = ({"source_title": ""}, {"id": "P002", "source_url": "", "low": "", "high": "", "value": "-1e3"})
    table = fg.load_figures(write(tmp_path / "own.csv", *rows, header=HEADER[::-1]))
    assert table["id"].tolist() == ["P001", "P002"]
    assert table["value"].tolist() == [53.7, -1000.0]
    assert table["low"].isna().tolist() == [False, True]
    assert table.loc[0, "source_title"] == ""


FAULTS = [
    ({"source_title": "", "source_url": " "}, "source_title: found nothing; accepted: a source"),
    ({"unit": ""}, "unit: found nothing; accepted: some text"),
    ({"grade": ""}, "grade: found nothing; accepted: A, B or C"),
    ({"grade": "D"}, "grade: found 'D'; accepted: A, B or C"),
    ({"quantity": ""}, "quantity: found nothing"),
    ({"id": "P1"}, "id: found 'P1'; accepted: a capital letter and three digits"),
    ({"id": "p001"}, "id: found 'p001'"),
    ({"id": ""}, "id: found nothing"),
    ({"value": ""}, "value: found nothing; accepted: a number"),
    ({"value": "53,7"}, "value: found '53,7'; accepted: a number with a decimal point"),
    ({"value": "nan"}, "value: found 'nan'"),
    ({"value": "1_000"}, "value: found '1_000'"),
    ({"value": "1e999"}, "value: found '1e999'"),
    ({"low": "few"}, "low: found 'few'"),
    ({"high": "inf"}, "high: found 'inf'"),
    ({"low": "60", "high": "50"}, "low: found 60.0; accepted: at most high, 50"),
    ({"value": "51"}, "value: found 51.0; accepted: at least low, 51.5"),
    ({"value": "56"}, "value: found 56.0; accepted: at most high, 55.9"),
    ({"value": "51", "high": ""}, "value: found 51.0; accepted: at least low, 51.5"),
    ({"denominator": ""}, "denominator: found nothing; accepted: of what it is a share, 'not stated', or 'none'"),
    ({"counting_rule": ""}, "counting_rule: found nothing; accepted: who counts as part of a share, or 'not stated'"),
    ({"denominator": "none"}, "denominator: found 'none'; accepted: of what k and n are counts"),
    ({"denominator": "", "unit": "MAD"}, "denominator: found nothing; accepted: of what k and n are counts"),
    ({"k": "311.5"}, "k: found '311.5'; accepted: a whole number, 0 or more"),
    ({"n": "494,579"}, "n: found '494,579'; accepted: whole numbers, 1 or more, with a space between"),
    ({"n": "0"}, "n: found '0'; accepted: whole numbers, 1 or more"),
]


@pytest.mark.parametrize(("change", "message"), FAULTS)
def test_each_fault_of_a_figure_is_refused(tmp_path: Path, change: dict[str, str], message: str) -> None:
    """One fault, one line: file, line, id, column, what was found, what is accepted."""
    path = write(tmp_path / "own.csv", {"id": "P009"}, change)
    lines = refusal(fg.load_figures, path)
    assert len(lines) == 1
    row_id = (GOOD | change)["id"] or "no id"
    assert lines[0].startswith(f"{path}, line 3, {row_id}, ")
    assert message in lines[0]


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """Also those of one row, rows with too few cells, and a repeated id with the line it was first on."""
    path = write(
        tmp_path / "own.csv", {"grade": "", "note": "two\nlines"}, {}, {"id": "P002", "low": "x", "unit": ""}
    )
    with path.open("a", encoding="utf-8") as file:
        file.write("P003,short\n")
    lines = refusal(fg.load_figures, path)
    assert [line.removeprefix(f"{path}, ").split(": found")[0] for line in lines] == [
        "line 6",
        "line 2, P001, grade",
        "line 4, P001, id",
        "line 5, P002, low",
        "line 5, P002, unit",
    ]
    assert "found 2 cells; accepted: 17" in lines[0]
    assert "found 'P001'; accepted: one row each (first on line 2)" in lines[2]


def test_files_that_are_no_such_table_are_refused(tmp_path: Path) -> None:
    """Missing, a folder, not text, not CSV, empty, a wrong header, a header alone: one kind of error."""
    own = tmp_path / "own.csv"
    assert "cannot be read: No such file" in refusal(fg.load_figures, own)[0]
    assert "cannot be read: Is a directory" in refusal(fg.load_figures, tmp_path)[0]
    own.write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    assert "is no text in UTF-8" in refusal(fg.load_figures, own)[0]
    own.write_text('id,"quan"tity\n')
    assert "is no CSV text: " in refusal(fg.load_figures, own)[0]
    own.write_text("")
    assert "wrong header: missing id, quantity" in refusal(fg.load_figures, own)[0]
    own.write_text(",".join(HEADER).replace("grade", "mark") + "\n")
    assert "missing grade; not known or twice: mark; accepted: " in refusal(fg.load_figures, own)[0]
    own.write_text(",".join([*HEADER, "id"]) + "\n")
    assert "not known or twice: id, id" in refusal(fg.load_figures, own)[0]
    own.write_text(",".join(HEADER) + "\n")
    assert "found a header and no rows" in refusal(fg.load_figures, own)[0]
    for load in LOADERS.values():
        assert str(own) in refusal(load, own)[0]


CHANGED = [
    (
        "unhcr_morocco_by_origin.csv",
        "2005,Algeria,DZA,7,0",
        "2005,Algeria,DZA,-7,0",
        "line 2, 2005 DZA, refugees",
    ),
    (
        "unhcr_morocco_by_origin.csv",
        "2005,Algeria,DZA,7,0",
        "2005,Algeria,DZA,7.5,0",
        "'7.5'; accepted: a whole",
    ),
    ("unhcr_morocco_by_origin.csv", "2005,Algeria,DZA,7,0", "2005,Algeria,DZA,,0", "refugees: found nothing"),
    ("unhcr_morocco_by_origin.csv", "2005,Algeria,DZA,7,0", "2005,Algeria,Alg,7,0", "coo_iso: found 'Alg'"),
    ("unhcr_morocco_by_origin.csv", "2005,Angola,AGO,0,5", "2005,Angola,DZA,0,5", "first on line 2"),
    (
        "unhcr_morocco_by_origin.csv",
        "2005,Algeria,DZA",
        "205,Algeria,DZA",
        "year: found '205'; accepted: a year",
    ),
    (
        "unhcr_morocco_asylum_flow.csv",
        "210,1838,0.304",
        "210,1838,30.4",
        "found '30.4'; accepted: a number, 0 to 1",
    ),
    ("unhcr_morocco_demographics.csv", "2005,ASY,21", "2005,IDP,21", "pop_type: found 'IDP'; accepted: REF"),
    (
        "priors.csv",
        "0.12,0.05,0.29",
        "0.32,0.05,0.29",
        "failure_level, median: found 0.32; accepted: at most high90",
    ),
    ("priors.csv", "0.12,0.05,0.29", "0.12,0.5,0.29", "low90: found 0.5; accepted: at most high90, 0.29"),
    ("priors.csv", "weibull_shape (failure only)", "failure_level (again)", "one row each (first on line 2)"),
    ("priors.csv", "judgement; not identified by the published share", "", "basis: found nothing"),
    ("piseruma_by_year.csv", ",B,", ",,", "2007, grade_of_programme_cells: found nothing; accepted: a grade"),
    (
        "piseruma_by_year.csv",
        ",579,251,53.7,",
        ",579,251,153.7,",
        "found '153.7'; accepted: a number, 0 to 100",
    ),
    ("piseruma_by_year.csv", "2.764,2.194", "2.764,-2.194", "unhcr_expenditure_musd: found '-2.194'"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), CHANGED)
def test_a_fault_in_any_other_table_is_refused(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    """The bundled table with one cell spoilt."""
    text = (EVIDENCE / file).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / file
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    lines = refusal(LOADERS[file], path)
    assert len(lines) == 1
    assert message in lines[0]


def test_deflator_by_hand() -> None:
    """A year on and a year back from M010 and M011; 2006 by ten changes; the last level carried forward."""
    assert fg.deflator(2016) == 1.0
    assert fg.deflator(2015) == pytest.approx(1.01635)
    assert fg.deflator(2017) == pytest.approx(1 / 1.00755)
    changes = [2.042, 3.715, 0.972, 0.994, 0.907, 1.287, 1.881, 0.442, 1.558, 1.635]
    product = 1.0
    for percent in changes:
        product *= 1 + percent / 100
    assert fg.deflator(2006) == pytest.approx(product)
    assert fg.deflator(2024) == fg.deflator(2031) < fg.deflator(2023)
    rows = fg.figure("M001"), fg.figure("M018")
    assert [(row.quantity, row.period) for row in rows] == [
        ("consumer price inflation", "2007"),
        ("consumer price inflation", "2024"),
    ]


def test_the_table_of_deflators_says_what_is_assumed() -> None:
    """Published up to 2024, assumed from 2025."""
    table = fg.deflators(2026).set_index("year")
    assert table.index.tolist() == list(range(2006, 2027))
    assert table.loc[2024, "basis"] == "published"
    assert "2024 price level carried forward" in table.loc[2025, "basis"]
    assert table.loc[2026, "factor"] == fg.deflator(2024)


@pytest.mark.parametrize("year", [2005, 2016.0, True, "2016"])
def test_a_year_without_prices_is_refused(year: object) -> None:
    """Before 2006, and what is no whole number."""
    with pytest.raises(fg.EvidenceError, match="accepted: a whole year from 2006 on"):
        fg.deflator(year)  # type: ignore[arg-type]
