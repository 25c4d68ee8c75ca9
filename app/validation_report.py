"""A validation as one page: did the checks hold, do we beat the naive rates or lose, what cannot be tested."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..scenarios.language import ENGLISH, _, later, spoken, written
from . import wording
from .validation_saying import answer, cannot_tell, said_of
from .validation_words import in_words

if TYPE_CHECKING:
    import pandas as pd

    from ..calibration.validation import Validation

TEMPLATES = Path(__file__).parent / "templates"
FEWEST_COHORTS = 5
"""Cohorts under which an interval over them says little."""

Write = Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """A column of a table that is shown: its name, its head in English, and how a cell is written.

    Where its head means something else on other pages, `meant` is what is translated.
    """

    name: str
    head: str
    write: Write
    meant: str = ""

    @property
    def shown_head(self) -> str:
        """Its head in the language spoken."""
        return self.head if spoken() is ENGLISH else _(self.meant or self.head)


def _text(value: Any) -> str:
    return in_words(str(value))


def _fixed(places: int, times: float = 1.0, sign: bool = False) -> Write:
    def write(value: Any) -> str:
        return wording.number(times * float(value), places, sign) if math.isfinite(value) else wording.MISSING

    return write


def _delta(value: Any) -> str:
    return written(f"{float(value):g}") if math.isfinite(value) else _("all closed")


def _sure(value: Any) -> str:
    return _("yes") if value else _("no")


SHARE, POINTS, WHOLE = _fixed(1, 100.0), _fixed(1, 1.0), _fixed(0)


def shown_tables(found: Validation) -> list[dict[str, Any]]:
    """Return the tables of the page, every cell written."""
    tables = found.tables
    shown = [_skill(tables), _coverage(tables), _predictive(tables), _elsewhere(tables)]
    shown += [_simple(tables, *each) for each in SIMPLE]
    return [each for each in shown if each is not None]


YEARS = Column("years", later("Years"), WHOLE)
LOW, HIGH = Column("low", later("from"), SHARE), Column("high", later("to"), SHARE)
SIMPLE: tuple[tuple[str, str, str, tuple[Column, ...]], ...] = (
    (
        "ranks",
        later("Known truths among the draws of fits"),
        later(
            "Mean rank is 0.5 and spread 1 where intervals are right; mean below 0.5: estimates too high; spread above "
            "1: intervals too narrow. Worth: independent draws of the worst fit."
        ),
        (
            Column("quantity", "Quantity", _text, later("Quantity that is known")),
            Column("fits", later("Fits"), WHOLE),
            Column("mean", later("Mean rank"), _fixed(2)),
            Column("spread", later("Spread"), _fixed(2)),
            Column("p_value", later("p"), _fixed(3)),
            Column("worth", "Worth", WHOLE, later("Independent draws")),
            Column("says", later("Reading"), _text),
        ),
    ),
    (
        "closed_forms",
        later("Simulated lives and formulas"),
        later("Share of AGRs open, with every risk but failure off; 95 % interval of the simulated share."),
        (
            Column("family", later("Hazard"), _text),
            YEARS,
            Column("simulated", later("Simulated, %"), SHARE),
            LOW,
            HIGH,
            Column("closed_form", later("Formula, %"), SHARE),
            Column("holds", later("Agrees"), _sure),
        ),
    ),
    (
        "lost",
        later("If those lost had closed more often"),
        later(
            "Delta is the log ratio of their rate of closing to that of the others, once lost: 0.5 is 1.6 times, 1 is "
            "2.7 times as often. No data can tell which is right."
        ),
        (
            Column("delta", later("Delta"), _delta),
            YEARS,
            Column("open", later("Open, %"), SHARE),
            LOW,
            HIGH,
            Column("change", later("Change, points"), _fixed(1, 1.0, True)),
        ),
    ),
    (
        "success",
        later("What counts as success"),
        later(
            "Share of successes, endings competing (Aalen-Johansen), with 95 % interval. Closings of unknown cause are "
            "none."
        ),
        (
            Column("success", later("Definition"), _text),
            YEARS,
            Column("share", later("Share, %"), SHARE),
            LOW,
            HIGH,
        ),
    ),
    (
        "readings",
        later("Readings of the published share (P001)"),
        later(
            "What would be printed under the draws of the fit, and how much of the chance of 53.7 each reading has. "
            "The fit may have used this figure: here it is looked at, not tested."
        ),
        (
            Column("reading", later("Reading"), _text),
            Column("mean", later("Foretold, %"), POINTS),
            Column("low", later("from"), POINTS),
            Column("high", later("to"), POINTS),
            Column("chance", later("Chance, %"), SHARE),
        ),
    ),
)


def _simple(
    tables: dict[str, pd.DataFrame], name: str, caption: str, meaning: str, columns: Sequence[Column]
) -> dict[str, Any] | None:
    table = tables.get(name)
    if table is None or not len(table):
        return None
    rows = [[column.write(row[column.name]) for column in columns] for row in table.to_dict("records")]
    heads = [column.shown_head for column in columns]
    return {"id": name, "caption": _(caption), "meaning": _(meaning), "heads": heads, "rows": rows}


def _skill(tables: dict[str, pd.DataFrame]) -> dict[str, Any] | None:
    from ..calibration.skill import CALLED

    if "skill" not in tables:
        return None
    table = tables["skill"]
    table = table.assign(interval=[_span(row.low, row.high, 100.0) for row in table.itertuples()])
    table["score"] = table["score"].map(CALLED)
    table["reading"] = [_reading(row.skill, row.low, row.cohorts) for row in table.itertuples()]
    columns = (
        Column("held_out", later("Held out"), _text),
        Column("rival", later("Against"), _text),
        Column("score", later("Score"), _text),
        Column("skill", later("We lose less by, %"), _fixed(1, 100.0, True)),
        Column("interval", later("95 % interval"), _text),
        Column("cohorts", later("Cohorts"), WHOLE),
        Column("reading", later("Reading"), _text),
    )
    meaning = later(
        "Skill: by how much smaller our loss is than that of a forecaster who knows next to nothing; below zero we "
        "lose. Intervals by a paired bootstrap over cohorts. Log and Brier scores are of single AGRs (those lost "
        "made up for by weights), the ranked probability score of counts of endings."
    )
    return _simple({"skill": table}, "skill", later("Against those who know next to nothing"), meaning, columns)


def _reading(skill: float, low: float, cohorts: int) -> str:
    if math.isnan(skill):
        return later("cannot be told")
    if skill > 0.0 and cohorts < FEWEST_COHORTS:
        return later("too few cohorts")
    return later("we lose") if skill <= 0.0 else later("better") if low > 0.0 else later("unclear")


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
        Column("held_out", later("Held out"), _text),
        Column("forecaster", later("Forecast by"), _text),
        Column("n", later("Counts"), WHOLE),
        *(Column(f"in_{level}", _("In the {level} % interval, %", level=level), SHARE) for level in (50, 80, 95)),
    )
    meaning = later(
        "How often the interval of a count of endings held what happened. Counts are whole numbers, so that intervals "
        "hold a little more often than they say; counts of a register hang together."
    )
    return _simple({"coverage": table}, "coverage", later("Did intervals hold?"), meaning, columns)


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
        Column("statistic", "Number", _text, later("Number of a register")),
        Column("observed", later("This register"), _fixed(2)),
        Column("span", later("Made up under the fit, 90 %"), _text),
        Column("prior", later("under the prior, 90 %"), _text),
        Column("says", later("Reading, under the fit"), _text),
    )
    meaning = later(
        "Registers made up with the same openings and visits. A reading is odd if chance gives it once in twenty, all "
        "numbers together."
    )
    return _simple({"predictive": table}, "predictive", later("This register beside made-up ones"), meaning, columns)


def _elsewhere(tables: dict[str, pd.DataFrame]) -> dict[str, Any] | None:
    table = tables["elsewhere"]
    table = table.assign(interval=[_span(row.low, row.high) for row in table.itertuples()])
    columns = (
        Column("id", later("Figure"), _text),
        Column("what", later("What"), _text),
        Column("used", later("Used in the fit"), _text),
        Column("published", later("Published, %"), POINTS),
        Column("under", later("Foretold by the"), _text),
        Column("mean", later("Mean, %"), POINTS),
        Column("interval", later("95 % interval"), _text),
        Column("inside_95", later("Inside"), _sure),
        Column("crps", later("Error, points"), _fixed(1)),
        Column("log", later("Log score"), _fixed(2)),
    )
    meaning = later(
        "Closed form for AGRs of the same ages, departures from the country left out. These are other firms in other "
        "places: a miss says that they differ or that the model is wrong, not which. Of the firms of Casablanca 27 % "
        "never started, and whether they count as closed is not stated."
    )
    return _simple(
        {"elsewhere": table}, "elsewhere", later("Curves published elsewhere, never fitted"), meaning, columns
    )


def figures(found: Validation) -> list[dict[str, Any]]:
    """Return the figures, each in two cuts, with what they show in words."""
    return [*_of_register(found.tables), _ranks(found.tables)]


def _of_register(tables: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Return the figures of a register: how long its AGRs last, and how well they were forecast."""
    from . import validation_figures as draw

    drawn = []
    if "curves" in tables and len(tables["curves"]):
        words = _("Share of AGRs still open by years since opening, with numbers at risk under the years")
        survival = partial(draw.survival_figure, tables["curves"], tables["risk"], words, tables["predicted"])
        caption = _(
            "Steps are the register (Kaplan-Meier, 95 % band), grey where fewer than ten are at risk; thin lines are "
            "the fit. Under the years stands how many AGRs are open and under observation."
        )
        drawn.append(_cut(_("How long AGRs last"), caption, survival))
    if "reliability" in tables and len(tables["reliability"]):
        words = _("Share of AGRs still open against the chance that was forecast, with a diagonal where both agree")
        caption = _("Held-out AGRs in groups of like forecasts. On the dashed line what happens is what was forecast.")
        chances = partial(draw.calibration_figure, tables["reliability"], words)
        drawn.append(_cut(_("Do chances come true?"), caption, chances, small=True))
    if "pit" in tables and tables["pit"]["n"].sum() > 0:
        words = _("Histogram of where counts of endings lie in their forecasts, with a band where level bars may lie")
        caption = _(
            "Bars are level, within the band, where forecasts are as sure as they may be; a bowl means too sure, a "
            "hill not sure enough. Counts of one register hang together, so bars stray further than the band."
        )
        counts = partial(draw.pit_figure, tables["pit"], words)
        drawn.append(_cut(_("How sure are forecasts?"), caption, counts, small=True))
    return drawn


def _ranks(tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Return the figure of where known truths lie among the draws of fits."""
    from . import validation_figures as draw

    failing = tables["ranks"].loc[tables["ranks"]["fails"].astype(bool), "quantity"].tolist()
    words = _(
        "Curves of ranks of known truths, a panel each; outside their band: {quantities}",
        quantities=wording.listed([in_words(each) for each in failing]) or _("none"),
    )
    caption = _("A curve inside its band is as it should be; the band holds a whole curve 95 times in 100.")
    ranks = partial(draw.rank_figure, tables["rank_curves"], words, failing)
    return _cut(_("Are known truths found again?"), caption, ranks)


def _cut(title: str, caption: str, draw: Callable[..., str], small: bool = False) -> dict[str, Any]:
    return {"title": title, "caption": caption, "small": small, "wide": draw(narrow=False), "narrow": draw(narrow=True)}


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
        _=_,
        language=spoken(),
        in_words=in_words,
        found=found,
        answer=answer(found),
        said=said_of(found),
        cannot=cannot_tell(found),
        figures=figures(found),
        tables=shown_tables(found),
        command=command,
    )
