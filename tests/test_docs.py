"""The generated tables in docs/ are those of the code."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


def make_tables():
    spec = importlib.util.spec_from_file_location("make_tables", DOCS / "make_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", make_tables().PAGES)
def test_tables_of_a_page_are_those_of_the_code(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert make_tables().filled(text) == text, "stale: run `python docs/make_tables.py`"


def test_every_table_stands_on_a_page():
    texts = [(DOCS / page).read_text(encoding="utf-8") for page in make_tables().PAGES]
    assert set(re.findall(r"<!-- table: ([\w ]+) -->", "".join(texts))) == set(make_tables().TABLES)


def test_the_rules_of_each_file_stand_on_the_page():
    from idmaj.calibration.schemas import SCHEMAS

    page = " ".join((DOCS / "DATA.md").read_text(encoding="utf-8").split())
    assert [note for schema in SCHEMAS.values() for note in schema.notes if note not in page] == []


def test_a_stale_table_is_noticed():
    text = (DOCS / "MODEL.md").read_text(encoding="utf-8")
    stale = text.replace("| `failure_level` |", "| `failure_rate` |", 1)
    assert stale != text
    assert make_tables().filled(stale) == text


def test_no_prior_rests_on_a_figure_that_the_fit_weighs_by():
    from idmaj.calibration.shares import ACTIVE_SHARE, HEADS_AT_WORK
    from idmaj.sim import NUMBERS

    bases = [number.basis for number in NUMBERS.values() if number.shape != "fixed"]
    twice = [basis for basis in bases if ACTIVE_SHARE in basis or HEADS_AT_WORK in basis]
    assert set(twice) == {"judgement; wide: the fit weighs by L001"}


def test_evidence_ids_that_parameters_cite_exist():
    from idmaj.calibration import load_figures
    from idmaj.sim import NUMBERS

    known = set(load_figures()["id"])
    cited = {found for number in NUMBERS.values() for found in re.findall(r"\b[PRLWSEMB]\d{3}\b", number.basis)}
    assert cited
    assert cited <= known
    assert all(number.basis for number in NUMBERS.values()), "a number without a basis"
