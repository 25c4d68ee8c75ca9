"""A validation as one page: did the checks hold, do we beat the naive rates or lose, what cannot be tested."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import wording
from .validation_saying import answer, cannot_tell, said_of

if TYPE_CHECKING:
    import pandas as pd

    from ..calibration.validation import Validation

TEMPLATES = Path(__file__).parent / "templates"
FEWEST_COHORTS = 5
"""Cohorts under which an interval over them says little."""

Write = Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """A column of a table that is shown: its name, its head, and how a cell is written."""

    name: str
    head: str
    write: Write


def _text(value: Any) -> str:
    return str(value)


def _fixed(places: int, times: float = 1.0, sign: bool = False) -> Write:
    def write(value: Any) -> str:
        return wording.number(times * float(value), places, sign) if math.isfinite(value) else wording.MISSING

    return write


def _delta(value: Any) -> str:
    return f"{float(value):g}" if math.isfinite(value) else "all closed"


SHARE, POINTS, WHOLE = _fixed(1, 100.0), _fixed(1, 1.0), _fixed(0)


def shown_tables(found: Validation) -> list[dict[str, Any]]:
    """Return the tables of the page, every cell written."""
    tables = found.tables
    shown = [_skill(tables), _coverage(tables), _predictive(tables), _elsewhere(tables)]
    shown += [_simple(tables, *each) for each in SIMPLE]
    return [each for each in shown if each is not None]


SIMPLE: tuple[tuple[str, str, str, tuple[Column, ...]], ...] = (
    (
        "ranks", "Known truths among the draws of fits",
        "Mean rank is 0.5 and spread 1 where intervals are right; mean below 0.5: estimates too high; spread above 1: "
        "intervals too narrow. Worth: independent draws of the worst fit.",
        (
            Column("quantity", "Quantity", _text), Column("fits", "Fits", WHOLE),
            Column("mean", "Mean rank", _fixed(2)),
            Column("spread", "Spread", _fixed(2)), Column("p_value", "p", _fixed(3)), Column("worth", "Worth", WHOLE),
            Column("says", "Reading", _text),
        ),
    ),
    (
        "closed_forms", "Simulated lives and formulas",
        "Share of AGRs open, with every risk but failure off; 95 % interval of the simulated share.",
        (
            Column("family", "Hazard", _text), Column("years", "Years", WHOLE),
            Column("simulated", "Simulated, %", SHARE),
            Column("low", "from", SHARE), Column("high", "to", SHARE), Column("closed_form", "Formula, %", SHARE),
            Column("holds", "Agrees", lambda value: "yes" if value else "no"),
        ),
    ),
    (
        "lost", "If those lost had closed more often",
        "Delta is the log ratio of their rate of closing to that of the others, once lost: 0.5 is 1.6 times, 1 is 2.7 "
        "times as often. No data can tell which is right.",
        (
            Column("delta", "Delta", _delta), Column("years", "Years", WHOLE), Column("open", "Open, %", SHARE),
            Column("low", "from", SHARE), Column("high", "to", SHARE),
            Column("change", "Change, points", _fixed(1, 1.0, True)),
        ),
    ),
    (
        "success", "What counts as success",
        "Share of successes, endings competing (Aalen-Johansen), with 95 % interval. Closings of unknown cause are "
        "none.",
        (
            Column("success", "Definition", _text), Column("years", "Years", WHOLE), Column("share", "Share, %", SHARE),
            Column("low", "from", SHARE), Column("high", "to", SHARE),
        ),
    ),
    (
        "readings", "Readings of the published share (P001)",
        "What would be printed under the draws of the fit, and how much of the chance of 53.7 each reading has. The "
        "fit may have used this figure: here it is looked at, not tested.",
        (
            Column("reading", "Reading", _text), Column("mean", "Foretold, %", POINTS), Column("low", "from", POINTS),
            Column("high", "to", POINTS), Column("chance", "Chance, %", SHARE),
        ),
    ),
)  # fmt: skip


def _simple(
    tables: dict[str, pd.DataFrame], name: str, caption: str, meaning: str, columns: Sequence[Column]
) -> dict[str, Any] | None:
    table = tables.get(name)
    if table is None or not len(table):
        return None
    rows = [[column.write(row[column.name]) for column in columns] for row in table.to_dict("records")]
    return {"id": name, "caption": caption, "meaning": meaning, "heads": [c.head for c in columns], "rows": rows}


def _skill(tables: dict[str, pd.DataFrame]) -> dict[str, Any] | None:
    if "skill" not in tables:
        return None
    table = tables["skill"]
    table = table.assign(interval=[_span(row.low, row.high, 100.0) for row in table.itertuples()])
    called = {"log": "log score", "brier": "Brier score", "crps": "ranked probability score"}
    table["score"] = table["score"].map(called)
    table["reading"] = [_reading(row.skill, row.low, row.cohorts) for row in table.itertuples()]
    columns = (
        Column("held_out", "Held out", _text), Column("rival", "Against", _text), Column("score", "Score", _text),
        Column("skill", "We lose less by, %", _fixed(1, 100.0, True)), Column("interval", "95 % interval", _text),
        Column("cohorts", "Cohorts", WHOLE), Column("reading", "Reading", _text),
    )  # fmt: skip
    meaning = (
        "Skill: by how much smaller our loss is than that of a forecaster who knows next to nothing; below zero we "
        "lose. Intervals by a paired bootstrap over cohorts. Log and Brier scores are of single AGRs (those lost "
        "made up for by weights), the ranked probability score of counts of endings."
    )
    return _simple({"skill": table}, "skill", "Against those who know next to nothing", meaning, columns)


def _reading(skill: float, low: float, cohorts: int) -> str:
    if math.isnan(skill):
        return "cannot be told"
    if skill > 0.0 and cohorts < FEWEST_COHORTS:
        return "too few cohorts"
    return "we lose" if skill <= 0.0 else "better" if low > 0.0 else "unclear"


def _span(low: float, high: float, times: float = 1.0, places: int = 1) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return wording.MISSING
    return wording.span(wording.number(times * low, places), wording.number(times * high, places))


def _coverage(tables: dict[str, pd.DataFrame]) -> dict[str, Any] | None:
    if "coverage" not in tables or not len(tables["coverage"]):
        return None
    wide = tables["coverage"].pivot_table(index=["held_out", "forecaster"], columns="level", values="share", sort=False)
    counts = tables["coverage"].groupby(["held_out", "forecaster"], sort=False)["n"].first()
    table = wide.rename(columns=lambda level: f"in_{100 * level:.0f}").assign(n=counts).reset_index()
    columns = (
        Column("held_out", "Held out", _text), Column("forecaster", "Forecast by", _text), Column("n", "Counts", WHOLE),
        *(Column(f"in_{level}", f"In the {level} % interval, %", SHARE) for level in (50, 80, 95)),
    )  # fmt: skip
    meaning = (
        "How often the interval of a count of endings held what happened. Counts are whole numbers, so that intervals "
        "hold a little more often than they say; counts of a register hang together."
    )
    return _simple({"coverage": table}, "coverage", "Did intervals hold?", meaning, columns)


def _predictive(tables: dict[str, pd.DataFrame]) -> dict[str, Any] | None:
    if "predictive" not in tables:
        return None
    after, before = (
        tables["predictive"].query("under == @name").set_index("statistic") for name in ("posterior", "prior")
    )

    def spans(table: pd.DataFrame) -> list[str]:
        return [_span(row.low, row.high, 1.0, 2) for row in table.itertuples()]

    table = after.assign(span=spans(after), prior=spans(before.reindex(after.index))).reset_index()
    columns = (
        Column("statistic", "Number", _text), Column("observed", "This register", _fixed(2)),
        Column("span", "Made up under the fit, 90 %", _text), Column("prior", "under the prior, 90 %", _text),
        Column("says", "Reading, under the fit", _text),
    )  # fmt: skip
    meaning = (
        "Registers made up with the same openings and visits. A reading is odd if chance gives it once in twenty, all "
        "numbers together."
    )
    return _simple({"predictive": table}, "predictive", "This register beside made-up ones", meaning, columns)


def _elsewhere(tables: dict[str, pd.DataFrame]) -> dict[str, Any] | None:
    table = tables["elsewhere"]
    table = table.assign(interval=[_span(row.low, row.high) for row in table.itertuples()])
    columns = (
        Column("id", "Figure", _text), Column("what", "What", _text), Column("used", "Used in the fit", _text),
        Column("published", "Published, %", POINTS), Column("under", "Foretold by the", _text),
        Column("mean", "Mean, %", POINTS), Column("interval", "95 % interval", _text),
        Column("inside_95", "Inside", lambda value: "yes" if value else "no"),
        Column("crps", "Error, points", _fixed(1)), Column("log", "Log score", _fixed(2)),
    )  # fmt: skip
    meaning = (
        "Closed form for AGRs of the same ages, departures from the country left out. These are other firms in other "
        "places: a miss says that they differ or that the model is wrong, not which. Of the firms of Casablanca 27 % "
        "never started, and whether they count as closed is not stated."
    )
    return _simple({"elsewhere": table}, "elsewhere", "Curves published elsewhere, never fitted", meaning, columns)


def figures(found: Validation) -> list[dict[str, Any]]:
    """Return the figures, each in two cuts, with what they show in words."""
    from . import validation_figures as draw

    tables = found.tables
    drawn: list[tuple[str, str, Callable[..., str]]] = []
    small = ("Do chances come true?", "How sure are forecasts?")
    if "curves" in tables and len(tables["curves"]):
        words = "Share of AGRs still open by years since opening, with numbers at risk under the years"
        survival = partial(draw.survival_figure, tables["curves"], tables["risk"], words, tables["predicted"])
        caption = (
            "Steps are the register (Kaplan-Meier, 95 % band), grey where fewer than ten are at risk; thin lines are "
            "the fit. Under the years stands how many AGRs are open and under observation."
        )
        drawn.append(("How long AGRs last", caption, survival))
    if "reliability" in tables and len(tables["reliability"]):
        words = "Share of AGRs still open against the chance that was forecast, with a diagonal where both agree"
        caption = "Held-out AGRs in groups of like forecasts. On the dashed line what happens is what was forecast."
        drawn.append(("Do chances come true?", caption, partial(draw.calibration_figure, tables["reliability"], words)))
    if "pit" in tables and tables["pit"]["n"].sum() > 0:
        words = "Histogram of where counts of endings lie in their forecasts, with a band where level bars may lie"
        caption = (
            "Bars are level, within the band, where forecasts are as sure as they may be; a bowl means too sure, a "
            "hill not sure enough. Counts of one register hang together, so bars stray further than the band."
        )
        drawn.append(("How sure are forecasts?", caption, partial(draw.pit_figure, tables["pit"], words)))
    failing = tables["ranks"].loc[tables["ranks"]["fails"].astype(bool), "quantity"].tolist()
    words = f"Curves of ranks of known truths, a panel each; outside their band: {wording.listed(failing) or 'none'}"
    ranks = partial(draw.rank_figure, tables["rank_curves"], words, failing)
    caption = "A curve inside its band is as it should be; the band holds a whole curve 95 times in 100."
    drawn.append(("Are known truths found again?", caption, ranks))
    return [
        {"title": title, "caption": text, "small": title in small}
        | {"wide": cut(narrow=False), "narrow": cut(narrow=True)}
        for title, text, cut in drawn
    ]


def render(found: Validation, command: str) -> str:
    """Return the report as one HTML page, in the look of the other one, that asks nothing of any network."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("validation.html.j2").render(
        found=found,
        answer=answer(found),
        said=said_of(found),
        cannot=cannot_tell(found),
        figures=figures(found),
        tables=shown_tables(found),
        command=command,
    )
