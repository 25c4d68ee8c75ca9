"""A study on made-up numbers, so that what people see is tested without waiting for a model."""

import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browsing import CHROMIUM, FOREIGN, LONG, QUIET, served, until

from idmaj.app.study import Study, cited, limits
from idmaj.calibration.checks import PUBLISHED
from idmaj.scenarios.contrast import compare_rows, run_rows
from idmaj.scenarios.experiment import Plan
from idmaj.scenarios.results import Experiment
from idmaj.scenarios.runs import EVALUATED, PAST, _labelled
from idmaj.sim import OUTCOMES
from idmaj.sim.ensemble import Chunk
from idmaj.sim.outcomes import KEPT
from idmaj.sim.store import Store

START, MONTHS = 228, 348
SHIFT = {"continued": 0.0, "neediest_first": -0.12, "case_by_case": 0.03, "=1+1": 0.0}
SIZE = {"share": 0.5, "MAD 2016": 4e6, "hours": 9000.0, "MAD 2016/month": 1900.0}


@dataclass(frozen=True)
class Named:
    """All that a plan must know about a strategy here."""

    key: str
    why: str = "The reason that the file gives."

    @property
    def name(self) -> str:
        return self.key.replace("_", " ").capitalize()


GROUPS = pd.DataFrame(
    [("sex", "female", "live_businesses", "projects", 12.0), ("sex", "male", "live_businesses", "projects", 24.0)],
    columns=["group", "member", "outcome", "unit", "value"],
)


def made_up_tables(names, draw: int, replications: int) -> dict[str, pd.DataFrame]:
    """Return the tables of a chunk: known shifts, common luck."""
    kept = {"ends": [], "monthly": [], "groups": [], "published": []}
    ignorance = np.random.default_rng([8, draw]).normal(0, 0.1)
    for replication in range(replications):
        generator = np.random.default_rng([7, draw, replication])
        luck = generator.normal(0, 0.15, MONTHS).cumsum() / 6
        rise = 20 + 380 * (1 - np.exp(-np.arange(MONTHS) / 150))
        ends = {}
        for name in names:
            own = name != "continued"
            shift = np.where(np.arange(MONTHS) < START, 0, SHIFT[name] * np.linspace(-1.9, 1, MONTHS).clip(0))
            live = rise * np.exp(ignorance + luck * 0.3 + shift)
            months = pd.DataFrame({column: 0.0 for column in KEPT}, index=range(MONTHS)).rename_axis("month")
            months["live_businesses"], months["active_share"] = live, 0.5 + 0.1 * ignorance
            ends[name] = {
                outcome: SIZE.get(item.unit, 300.0)
                * (1 + ignorance + luck[-1] * 0.3)
                * (1 + SHIFT[name] * (1 + 4 * ignorance) * (i % 3 - 0.5) + own * generator.normal(0, 0.02))
                for i, (outcome, item) in enumerate(OUTCOMES.items())
            }
            if name == "case_by_case":
                ends[name]["projects_started"] = ends["continued"]["projects_started"]
            run = (name, draw, replication)
            if name == names[0]:
                kept["monthly"].append(_labelled(months.iloc[:START].reset_index(), PAST, draw, replication))
            kept["monthly"].append(_labelled(months.iloc[START:].reset_index(), *run))
            seen = dict.fromkeys(EVALUATED.values(), months.active_share[124])
            kept["ends"].append(_labelled(pd.DataFrame([ends[name] | seen]), *run))
            kept["groups"].append(_labelled(GROUPS.assign(place=range(len(GROUPS))), *run))
        figures = pd.DataFrame({"figure": [item.figure for item in PUBLISHED], "value": 100.0 + luck[-1]})
        kept["published"].append(_labelled(figures, PAST, draw, replication))
    return {table: pd.concat(parts, ignore_index=True) for table, parts in kept.items()}


def made_up_study(names=("continued", "neediest_first", "case_by_case"), draws=25, replications=2) -> Study:
    """Return a study of some of the strategies of `SHIFT`."""
    plan = Plan(tuple(Named(name) for name in names), Named("historical"), START, 10, draws, replications)
    folder = tempfile.TemporaryDirectory()
    store = Store(Path(folder.name))
    for draw in range(draws):
        store.keep(f"{draw:064x}", Chunk(draw, 0, replications), made_up_tables(names, draw, replications))
    provenance = {"code": "c" * 64, "country": "d" * 64, "python": "3.11", "numpy": "2.4", "pandas": "3.1"}
    found = Experiment(plan=plan, store=store, fingerprint="f" * 64, provenance=provenance)
    weakref.finalize(found, folder.cleanup)
    ends = found.ends()
    units = {name: item.unit for name, item in OUTCOMES.items()}
    single = len(names) == 1
    evidence = pd.DataFrame(
        {
            "id": ["P001", "S015"],
            "quantity": ["share active at evaluation", "<script>alert(1)</script>"],
            "value": [53.7, np.nan],
            "unit": ["percent", "percent per year"],
            "grade": ["B", "A"],
            "source_title": [
                "Yabiladi via Maghress 53951 (May 2017)",
                "A peer-reviewed article of some length",
            ],
            "source_url": ["https://maghress.com/fr/yabiladi/53951", "https://doi.org/10.1000/xyz"],
        }
    )
    return Study(
        experiment=found,
        rows=run_rows(ends, units) if single else compare_rows(ends, names[0], units),
        baseline=None if single else names[0],
        outcomes=OUTCOMES,
        differs={name: ("The committee puts the neediest first.",) for name in names[1:]},
        history=("In 25 draws, the evaluation of May 2017 finds 53.1 % active.",),
        tells=("Of 100 numbers that nobody knows exactly, the data settle none.",),
        cannot_tell=limits(False),
        evidence=evidence[evidence["id"].isin(cited(["P001 and S015"]))],
        money="Every strategy may spend at most the same each year.",
        judged=(41, 78),
        command="idmaj compare continued neediest_first case_by_case --seed 1",
    )


@pytest.fixture(scope="session")
def study() -> Study:
    """Return a comparison of three strategies."""
    return made_up_study()


@pytest.fixture(scope="session")
def single() -> Study:
    """Return the study of one strategy."""
    return made_up_study(("continued",))


@pytest.fixture(scope="session")
def odd() -> Study:
    """Return a study whose strategy has the name of a spreadsheet formula and changes nothing; one pair."""
    return made_up_study(("continued", "=1+1"), draws=1, replications=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def page_of_all(home):
    with served(home) as page:
        yield page


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, page_of_all):
    """Open addresses of the page; at the end nothing was asked of anybody else, and nothing was complained of."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page, asked, complaints = context.new_page(), [], []
    page.set_default_timeout(LONG)
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws://", "http://")))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    def go(query: str = ""):
        page.goto(page_of_all.address + query)
        until(page, "!!(window.Shiny && Shiny.shinyapp && Shiny.shinyapp.isConnected())")
        return page

    yield go
    context.close()
    assert [url for url in asked if FOREIGN.match(url)] == []
    assert complaints == []
