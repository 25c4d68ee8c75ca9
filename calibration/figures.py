"""Published figures and where they come from: read strictly, or not at all.

Each loader reads one table of `calibration/evidence/`, or a file of the same form, and names all that is
wrong with it at once. Tables carry `attrs` "source", "unit" and "grade" (A official or peer-reviewed, B
press, C inference); where these differ by row, `attrs` names the column that holds them.
"""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd

from ..sim.errors import later, worded
from .reading import EvidenceError, Kind, Problem, Row, Rule, Table, csv_records, no_rule, table_of, text_of

UNHCR = "UNHCR Refugee Data Finder, Morocco, end of year (CC BY 4.0)"
BASE_YEAR = 2016
DECIMAL = r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?"

PathLike = str | os.PathLike[str]
NOT_STATED = "not stated"
NO_SHARE = "none"
"""Denominator of a percentage that is a change or an effect: no whole of which it is a part."""


def _table(
    file: str, key: str, about: tuple[str, str, str], rule: Rule, *groups: tuple[Kind, str]
) -> Table:
    kinds = {name: kind for kind, names in groups for name in names.split()}
    return Table(file, key.split(), kinds, about, rule)


def _figure_rule(row: Row) -> Iterator[Problem]:
    if not (row["source_title"] or row["source_url"]):
        yield "source_title", worded("nothing"), worded("a source: a title, a url or both")
    if row["unit"] == "percent" and not row["denominator"]:
        yield (
            "denominator",
            None,
            worded(
                "of what it is a share, '{not_stated}', or '{no_share}' for a change or an effect",
                not_stated=NOT_STATED,
                no_share=NO_SHARE,
            ),
        )
    elif row["denominator"] in ("", NO_SHARE):
        if row["k"] is not None or row["n"]:
            yield "denominator", None, worded("of what k and n are counts")
    elif not row["counting_rule"]:
        yield "counting_rule", None, worded("who counts as part of a share, or '{not_stated}'", not_stated=NOT_STATED)
    yield from _range_rule(row, "value", "low", "high")


def _prior_rule(row: Row) -> Iterator[Problem]:
    yield from _range_rule(row, "median", "low90", "high90")


def _range_rule(row: Row, middle: str, low: str, high: str) -> Iterator[Problem]:
    value, least, most = (float(row[name] or 0.0) for name in (middle, low, high))
    if least > most:
        yield low, str(row[low]), worded("at most {high}, {most:g}", high=high, most=most)
    elif value < least:
        yield middle, str(row[middle]), worded("at least {low}, {least:g}", low=low, least=least)
    elif value > most:
        yield middle, str(row[middle]), worded("at most {high}, {most:g}", high=high, most=most)


def _programme_rule(row: Row) -> Iterator[Problem]:
    filled = [name for name in PROGRAMME_COUNTS.split() if row[name] is not None]
    if filled and not row["grade_of_programme_cells"]:
        yield (
            "grade_of_programme_cells",
            worded("nothing"),
            worded("a grade (A, B, C or A/B) for {names}", names=", ".join(filled)),
        )


TEXT, TEXT_OR_NOT = Kind(later("some text")), Kind(later("some text or nothing"), required=False)
NUMBER = Kind(later("a number with a decimal point"), DECIMAL, "float64", -1e300, 1e300)
NUMBER_OR_NOT = replace(NUMBER, wants=later("a number with a decimal point, or nothing"), required=False)
MUSD_OR_NOT = replace(NUMBER_OR_NOT, wants=later("million USD, 0 or more, or nothing"), low=0)
PERCENT_OR_NOT = replace(NUMBER_OR_NOT, wants=later("a number, 0 to 100, or nothing"), low=0, high=100)
RATE_OR_NOT = replace(NUMBER_OR_NOT, wants=later("a number, 0 to 1, or nothing"), low=0, high=1)
COUNT = Kind(later("a whole number, 0 or more"), "[0-9]{1,12}", "int64")
COUNT_OR_NOT = Kind(later("a whole number, 0 or more, or nothing"), COUNT.pattern, "Int64", required=False)
COUNTS_OR_NOT = Kind(
    later("whole numbers, 1 or more, with a space between, or nothing"),
    *("[1-9][0-9]{0,11}( [1-9][0-9]{0,11})*", "object"),
    required=False,
    convert=lambda cell: tuple(map(int, cell.split())),
    blank=(),
)
YEAR = Kind(later("a year, 1950 to 2100"), "[0-9]{4}", "int64", 1950, 2100)
PROGRAMME_COUNTS = (
    "applications_or_received feasibility_studies projects_financed refugees_or_households_financed "
    "agr_reinforced trained_vocational wage_placed apprentices_interns cooperatives_created "
    "planned_agr_beneficiaries cumulative_projects_financed cumulative_refugees_financed "
    "cumulative_accompanied cumulative_trained"
)

FIGURES = _table(
    *("evidence.csv", "id", ("by row: source_title", "by row: unit", "by row: grade"), _figure_rule),
    (Kind(later("a capital letter and three digits, such as P001"), "[A-Z][0-9]{3}"), "id"),
    (TEXT, "quantity unit"),
    (NUMBER, "value"),
    (NUMBER_OR_NOT, "low high"),
    (TEXT_OR_NOT, "period geography population denominator"),
    (COUNT_OR_NOT, "k"),
    (COUNTS_OR_NOT, "n"),
    (TEXT_OR_NOT, "counting_rule source_title source_url note"),
    (Kind(later("A, B or C"), "[ABC]"), "grade"),
)
PRIORS = _table(
    *("priors.csv", "name", ("by row: basis", "by row: unit", "C"), _prior_rule),
    (Kind(later("name or name (detail)"), r"\w+( \(.+\))?"), "name"),
    (TEXT, "unit basis"),
    (NUMBER, "median low90 high90"),
)
PROGRAMME = _table(
    *("piseruma_by_year.csv", "year"),
    (
        f"programme: press and UNHCR, as listed in evidence.csv; registered people: {UNHCR}",
        "by column: people, projects or households (see note), million USD, percent, towns",
        "by row: grade_of_programme_cells",
    ),
    _programme_rule,
    (YEAR, "year"),
    (COUNT_OR_NOT, "refugees_registered asylum_seekers_registered new_asylum_applications recognised"),
    (COUNT_OR_NOT, "files_closed households_on_cash resettlement_submitted towns_with_refugees"),
    (COUNT_OR_NOT, PROGRAMME_COUNTS),
    (MUSD_OR_NOT, "unhcr_budget_musd unhcr_expenditure_musd"),
    (PERCENT_OR_NOT, "active_share_at_evaluation_pct"),
    (Kind(later("A, B, C or A/B"), "[ABC](/[ABC])?", required=False), "grade_of_programme_cells"),
    (TEXT_OR_NOT, "note"),
)
STOCKS = _table(
    *("unhcr_morocco_by_origin.csv", "year coo_iso", (UNHCR, "people", "A"), no_rule),
    (YEAR, "year"),
    (TEXT, "coo_name"),
    (Kind(later("three capital letters"), "[A-Z]{3}"), "coo_iso"),
    (COUNT, "refugees asylum_seekers"),
)
FLOWS = _table(
    *("unhcr_morocco_asylum_flow.csv", "year", (UNHCR, "cases and people; rates 0-1", "A"), no_rule),
    (YEAR, "year"),
    (COUNT, "applications_excl_appeal applications_all dec_recognized dec_other dec_rejected dec_closed"),
    (COUNT, "dec_total refugees asylum_seekers"),
    (RATE_OR_NOT, "recog_rate_substantive closed_over_prev_ASstock_plus_apps"),
)
DEMOGRAPHICS = _table(
    *("unhcr_morocco_demographics.csv", "year pop_type", (UNHCR, "people", "A"), no_rule),
    (YEAR, "year"),
    (Kind(later("REF (refugees) or ASY (asylum-seekers)"), "REF|ASY"), "pop_type"),
    (COUNT, "f_0_4 f_5_11 f_12_17 f_18_59 f_60 f_other f_total total"),
    (COUNT, "m_0_4 m_5_11 m_12_17 m_18_59 m_60 m_other m_total"),
)


def load_figures(path: PathLike | None = None) -> pd.DataFrame:
    """Load the published figures, one row each, with source, unit and grade.

    Parameters
    ----------
    path : path, optional
        A CSV file of the same columns; by default the bundled `evidence.csv`.

    Returns
    -------
    DataFrame
        `id, quantity, value, low, high, unit, period, geography, population, denominator, k, n, counting_rule,
        source_title, source_url, grade, note` and `printed`, the value as it was printed; `value`, `low`, `high`
        in `unit`, NaN where no range is known. A figure with a `denominator` other than "none" is a share: of
        what, in words. `n` is a tuple of the whole numbers that may be meant, `k` how many of them (missing if
        not known), `counting_rule` who counts.

    Raises
    ------
    EvidenceError
        If the file cannot be read as CSV with this header, or a figure lacks a source (title or url), unit
        or grade, or, for a percentage, a denominator and a counting rule ("not stated" where the source does not
        say); if one repeats an id, or has a number that is none or lies outside its range: all at once.
    """
    return _bundled_figures().copy() if path is None else _load(FIGURES, path)


def figure(id: str, path: PathLike | None = None) -> pd.Series:
    """Look up one figure: its row (`.value`, `.unit`, `.grade`, ...); EvidenceError names the nearest id."""
    table = load_figures(path)
    found = table[table["id"] == id]
    if found.empty:
        near = _nearest(str(id), table["id"].tolist())
        raise EvidenceError(
            worded("{path}: there is no figure {id!r}; nearest: {near}", path=path or FIGURES.file, id=id, near=near)
        )
    return found.iloc[0]


def load_priors(path: PathLike | None = None) -> pd.DataFrame:
    """Load the starting priors: `name, detail, unit, median, low90, high90, basis` (90 % interval).

    `name` is an identifier, `detail` the remark that followed it in brackets. Raises EvidenceError as
    `load_figures`, and where the median is outside its interval or nothing says what a prior rests on.
    """
    table = _load(PRIORS, path)
    table.insert(1, "detail", table["name"].str.extract(r"\((.+)\)$", expand=False).fillna(""))
    table["name"] = table["name"].str.partition(" (")[0]
    return table


def load_programme_by_year(path: PathLike | None = None) -> pd.DataFrame:
    """Load the programme year by year (counts; budgets in million USD); missing means not published.

    The unit of what was financed changes with the year (projects, households, refugees): see `note`.
    Raises EvidenceError as `load_figures`, and where a programme figure has no grade.
    """
    return _load(PROGRAMME, path)


def load_stocks(path: PathLike | None = None) -> pd.DataFrame:
    """Load people at the end of each year: `year, origin, origin_name, refugees, asylum_seekers`.

    `origin` is an ISO 3166 code of three letters. UNHCR, small cells rounded to 5; errors as `load_figures`.
    """
    table = _load(STOCKS, path).rename(columns={"coo_iso": "origin", "coo_name": "origin_name"})
    return table[["year", "origin", "origin_name", "refugees", "asylum_seekers"]]


def load_flows(path: PathLike | None = None) -> pd.DataFrame:
    """Load asylum applications and decisions by year; rates 0-1. UNHCR; errors as `load_figures`."""
    return _load(FLOWS, path)


def load_demographics(path: PathLike | None = None) -> pd.DataFrame:
    """Load people by year, status, sex and age; `total` may exceed them. UNHCR; errors as `load_figures`."""
    return _load(DEMOGRAPHICS, path)


def deflator(year: int) -> float:
    """Give the factor that turns current MAD of `year` into constant MAD of 2016 (M001-M018).

    No inflation after 2024 is published here: later years take the price level of 2024, an assumption (the
    column `basis` of `deflators` says so). EvidenceError for a year before 2006 or that is no whole number.
    """
    levels = _price_levels()
    if isinstance(year, bool) or not hasattr(year, "__index__") or year < min(levels):
        raise EvidenceError(
            worded("deflator: year is {year!r}; accepted: a whole year from {min} on", year=year, min=min(levels))
        )
    return levels[BASE_YEAR] / levels[min(operator.index(year), max(levels))]


def deflators(until: int = 2024) -> pd.DataFrame:
    """Tabulate `deflator` from 2006 on: `year, factor, basis` (published, or the last level carried on)."""
    first, last = min(_price_levels()), max(_price_levels())
    years = range(first, until + 1)
    basis = ["published" if y <= last else f"assumed: {last} price level carried forward" for y in years]
    return pd.DataFrame({"year": years, "factor": [deflator(y) for y in years], "basis": basis})


@cache
def _price_levels() -> dict[int, float]:
    """Consumer prices of each year, 2006 = 1, from the annual changes in percent (M001-M018)."""
    change = _bundled_figures().query("quantity == 'consumer price inflation'")
    levels = {2006: 1.0}
    for year, percent in sorted(zip(change["period"].astype(int), change["value"], strict=True)):
        levels[year] = levels[year - 1] * (1.0 + percent / 100.0)
    return levels


@cache
def _bundled_figures() -> pd.DataFrame:
    return _load(FIGURES, None)


def _nearest(id: str, known: list[str]) -> str:
    """Give the known id of the same letter with the nearest number, else the most similar one."""
    asked = re.fullmatch(r"([A-Za-z])([0-9]{1,9})", id.strip())
    alike = [k for k in known if asked and k[0] == asked[1].upper()]
    if asked and alike:
        return min(alike, key=lambda k: abs(int(k[1:]) - int(asked[2])))
    return (get_close_matches(id, known, 1, 0.0) or ["none"])[0]


def _load(table: Table, path: PathLike | None) -> pd.DataFrame:
    """Read a file, by default the bundled one, into a table of the right types, or say all that is wrong."""
    bundled = files(__name__.rpartition(".")[0]) / "evidence" / table.file
    name = str(path or table.file)
    records, problems = csv_records(table, name, text_of(bundled if path is None else Path(path), name))
    frame = table_of(table, name, records, problems)
    return frame.assign(printed=[cells["value"] for _, cells in records]) if table is FIGURES else frame
