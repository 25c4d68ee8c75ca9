"""The files a user may bring: every column once, with its unit, its meaning and what is accepted.

`idmaj data schema` and docs/DATA.md print these tables; the readers check files against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType

from ..sim.errors import later
from ..sim.kinds import Sex, Trade
from ..sim.params import NUMBERS
from .dates import A_DATE, A_DATE_OR_NOT, EARLIEST, FORM, LATEST, first_moment, last_moment
from .figures import COUNT, COUNT_OR_NOT, COUNTS_OR_NOT, DECIMAL, NOT_STATED
from .reading import Across, Kind, Rule, Table, Value, no_across, no_rule


class Exit(IntEnum):
    """How a spell was last known to stand: numbers are stored, never reuse one."""

    ACTIVE = 0
    FAILED = 1
    OWNER_LEFT = 2
    WAGE_WORK = 3
    ABSORBED = 4
    UNKNOWN = 5
    LOST = 6


ENDED = (Exit.FAILED, Exit.OWNER_LEFT, Exit.WAGE_WORK, Exit.ABSORBED, Exit.UNKNOWN)
"""Exits of a spell that is known to have ended; UNKNOWN is one of the four before it."""


@dataclass(frozen=True)
class Column:
    """One column of a file: unit and meaning, in English, and what a cell may hold."""

    name: str
    unit: str
    meaning: str
    kind: Kind

    @property
    def required(self) -> bool:
        """Whether the column must be there and every cell of it filled."""
        return self.kind.required


@dataclass(frozen=True)
class Schema:
    """One kind of file: what a row is, its form (CSV, or the blocks of a TOML file) and its columns; in English."""

    name: str
    row: str
    form: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def table(self, rule: Rule = no_rule, across: Across = no_across, private: bool = False) -> Table:
        """Return what the reader needs, with the checks that go across a row and between rows."""
        return Table(
            file=self.name,
            key=list(self.key),
            kinds={column.name: column.kind for column in self.columns},
            rule=rule,
            across=across,
            optional=frozenset(column.name for column in self.columns if not column.required),
            private=private,
        )


def words(*accepted: str, required: bool = True, values: Mapping[str, Value] | None = None, dtype: str = "str") -> Kind:
    """Describe a cell that holds one of some words; each becomes itself, or its value."""
    wants = later("one of {names}") if required else later("one of {names}, or nothing")
    table = dict(values) if values else {word: word for word in accepted}
    return Kind(wants, dtype=dtype, required=required, words=table)


NAME = Kind(later("some text"))
NAME_OR_NOT = Kind(later("some text, or nothing"), required=False)
FIRST = Kind(A_DATE, FORM, "float64", EARLIEST, LATEST, convert=first_moment)
LAST = replace(FIRST, convert=last_moment)
FIRST_OR_NOT = replace(FIRST, wants=A_DATE_OR_NOT, required=False)
SINCE_OR_NOT = replace(FIRST_OR_NOT, blank=float("-inf"))
LAST_OR_NOT = replace(FIRST_OR_NOT, convert=last_moment, blank=float("inf"))
MAD_OR_NOT = Kind(later("MAD, 0 or more, or nothing"), DECIMAL, "float64", 0, 1e9, required=False)
UNIT_OR_NOT = Kind(later("a number, 0 to 1, or nothing"), DECIMAL, "float64", 0, 1, required=False)
MONTHS_OR_NOT = Kind(later("months, 0 to 600, or nothing"), DECIMAL, "float64", 0, 600, required=False)
WEIGHT = Kind(
    later("a number above 0, to 1000, or nothing for 1"), DECIMAL, "float64", 1e-6, 1000, required=False, blank=1.0
)
NUMBER = Kind(later("a number"), DECIMAL, "float64", -1e12, 1e12)
STEP = Kind(later("a number above 0"), DECIMAL, "float64", 1e-9, 1e9)
YES_OR_NOT = words("yes", "no", required=False, values={"yes": 1.0, "no": 0.0}, dtype="float64")
ORIGIN_OR_NOT = Kind(
    later("an ISO 3166 code of three capital letters such as SYR, or nothing"), "[A-Z]{3}", required=False
)
SEX_OR_NOT = words(*(sex.name.lower() for sex in Sex), required=False)
SECTOR_OR_NOT = words(*(trade.name.lower() for trade in Trade), "other", required=False)
EXIT = words(*(e.name.lower() for e in Exit), values={e.name.lower(): int(e) for e in Exit}, dtype="int64")
TRAINED = replace(
    FIRST_OR_NOT,
    wants=later("a date, YYYY-MM-DD or YYYY-MM, no, or nothing where it is not known"),
    words={"no": float("inf")},
)
GRADE = words("A", "B", "C")
CLOSED, LEFT_OUT = "counted as closed", "left out"
"""How those who count AGRs may deal with owners whom they cannot find."""
UNTRACEABLE = words(CLOSED, LEFT_OUT, NOT_STATED)
PARAMETER = replace(
    words(*(name for name, number in NUMBERS.items() if number.shape != "fixed")),
    wants=later("a parameter of the model, not fixed (idmaj explain lists them)"),
)
SHAPE = words("lognormal", "normal", "share")
LIST_OR_NOT = replace(COUNTS_OR_NOT, wants=later("a list of whole numbers, 1 or more, or nothing"))
INTAKE_OR_NOT = Kind(
    later("a table of years and counts, such as { 2014 = 63, 2015 = 83 }, or nothing"),
    *(r"[0-9]{4}=[0-9]{1,9}( [0-9]{4}=[0-9]{1,9})*", "object"),
    required=False,
    convert=lambda cell: tuple((int(each[:4]), int(each[5:])) for each in cell.split()),
    blank=(),
)
POWER = Kind(later("a number, 0 to 1"), DECIMAL, "float64", 0, 1)

DATE, AGRS, COUNTS = later("date"), later("AGRs"), later("counts")
AS_UNIT_SAYS, AS_PARAMETER = later("as unit says"), later("the parameter's")
"""Units that stand more than once."""

_COVARIATES = (
    Column("sector", "", later("What the AGR sells"), SECTOR_OR_NOT),
    Column("sex", "", later("Sex of the owner, or of the first of several"), SEX_OR_NOT),
    Column("origin", "", later("Country the owner comes from"), ORIGIN_OR_NOT),
    Column("place", "", later("Town or rural zone where it trades"), NAME_OR_NOT),
    Column("branch", "", later("Branch that follows it"), NAME_OR_NOT),
)

SPELLS = Schema(
    "spells",
    later("one AGR: from when to when it was seen to work, and how that ended; an owner may have several rows"),
    "CSV",
    (
        Column("id", "", later("Identifier of the AGR: no name, no file number"), NAME),
        Column("owner_id", "", later("Identifier of the owner, the same for all AGRs of a person"), NAME_OR_NOT),
        Column("start_lo", DATE, later("Earliest moment it can have opened; a month means its first moment"), FIRST),
        Column("start_hi", DATE, later("Latest moment it can have opened; a month means its last moment"), LAST),
        Column("observed_from", DATE, later("When it came under observation, if that was after it opened"), SINCE_OR_NOT),
        Column("last_active", DATE, later("Last moment it was known to be active; a month means its first moment"), FIRST_OR_NOT),
        Column("first_inactive", DATE, later("First moment it was known to be closed; a month means its last moment"), LAST_OR_NOT),
        Column("exit", "", later("How it ended, or that it is active or lost to follow-up"), EXIT),
        *_COVARIATES,
        Column("trained", DATE, later("When the owner had finished a course in the trade"), TRAINED),
        Column("grant_mad", later("MAD"), later("Grant received at the start, current money"), MAD_OR_NOT),
        Column("first_agr", "", later("Whether it is the owner's first AGR"), YES_OR_NOT),
        Column("need", "0-1", later("Need of the household at entry"), UNIT_OR_NOT),
        Column("weight", "", later("How many AGRs of the programme the row stands for"), WEIGHT),
        Column("source", "", later("Register or survey it comes from"), NAME),
    ),
    ("id",),
    (
        later("active: working at last_active, which is then required; first_inactive stays empty."),
        later("lost: the owner could not be found after last_active (required); whether it closed is not known."),
        later(
            "failed, owner_left, wage_work (the owner took a job), absorbed (taken into another business or a "
            "cooperative), unknown (closed, nobody knows why): first_inactive is required; without last_active it may "
            "have closed at any time since it opened."
        ),
        later(
            "observed_from, such as the day the register opened: had the AGR closed before, it would not be in the "
            "file. Empty means from its start."
        ),
        later(
            "A visit that finds it closed is first_inactive, the visit before it last_active. Never write the day of a "
            "visit into both: a closing date known to the day stands in both."
        ),
    ),
)  # fmt: skip
COHORTS = Schema(
    "cohorts",
    later("one cohort of AGRs, counted at one date or age; later counts of a cohort are further rows"),
    "CSV",
    (
        Column("cohort_from", DATE, later("First moment at which AGRs of the cohort opened"), FIRST),
        Column("cohort_to", DATE, later("Last moment at which they opened"), LAST),
        *_COVARIATES,
        Column("trained", "", later("Whether the owners had finished a course before they opened"), YES_OR_NOT),
        Column("n_started", AGRS, later("AGRs of the cohort"), COUNT),
        Column("at", DATE, later("Date of the count; a month means its last moment"), replace(LAST_OR_NOT, blank=None)),
        Column("age_months", later("months"), later("Or: age at which each AGR was counted"), MONTHS_OR_NOT),
        Column("n_active", AGRS, later("Still active then"), COUNT),
        Column("n_failed", AGRS, later("Failed by then"), COUNT_OR_NOT),
        Column("n_left", AGRS, later("Ended by then because the owner left"), COUNT_OR_NOT),
        Column("n_wage", AGRS, later("Ended by then because the owner took a job"), COUNT_OR_NOT),
        Column("n_unknown", AGRS, later("Closed by then, nobody knows why"), COUNT_OR_NOT),
        Column("source", "", later("Register, report or survey it comes from"), NAME),
    ),
    ("cohort_from", "cohort_to", *(column.name for column in _COVARIATES), "trained", "at", "age_months"),
    (
        later("Give at or age_months in each row, never both."),
        later(
            "Counts are cumulative since the start. A count left empty is not known, which is not zero; AGRs in none "
            "of the counts are lost to follow-up, or ended in a way whose count is empty."
        ),
    ),
)  # fmt: skip
FIGURES = Schema(
    "figures",
    later("one published figure: a block [[figures]]"),
    "TOML",
    (
        Column("id", "", later("Identifier of the figure"), NAME),
        Column("quantity", "", later("What was measured, in words"), NAME),
        Column("value", AS_UNIT_SAYS, later("The number as printed"), NUMBER),
        Column("unit", "", later("Its unit; percent for a share"), NAME),
        Column("rounding", AS_UNIT_SAYS, later("Step of the last printed digit: 0.1 for 53.7, 1 for 54"), STEP),
        Column("k", COUNTS, later("How many of them, if known"), COUNT_OR_NOT),
        Column("n", COUNTS, later("Whole numbers the denominator may be: [579, 600]"), LIST_OR_NOT),
        Column("denominator", "", later("Of what it is a share, in words; 'not stated'; 'none' where it is no share"), NAME),
        Column("untraceable", "", later("How owners who could not be found were counted"), UNTRACEABLE),
        Column("from", DATE, later("First moment it speaks of"), FIRST),
        Column("to", DATE, later("Last moment it speaks of; of a share active: when it was counted"), LAST),
        Column("population", "", later("Whom it speaks of"), NAME),
        Column("intake", later("AGRs a year"), later("AGRs started in each year it speaks of, if known"), INTAKE_OR_NOT),
        Column("source", "", later("Where it was published"), NAME),
        Column("grade", "", later("A official or peer-reviewed, B press, C worked out from A and B"), GRADE),
    ),
    ("id",),
)  # fmt: skip
PRIORS = Schema(
    "priors",
    later("what is believed of one parameter before looking at the data: a block [[priors]]"),
    "TOML",
    (
        Column("name", "", later("Parameter of the model; idmaj explain NAME says what it means"), PARAMETER),
        Column("distribution", "", later("lognormal (above 0), normal, or share (logit-normal, between 0 and 1)"), SHAPE),
        Column("low", AS_PARAMETER, later("5 % quantile"), NUMBER),
        Column("median", AS_PARAMETER, later("Median"), NUMBER),
        Column("high", AS_PARAMETER, later("95 % quantile"), NUMBER),
        Column("source", "", later("What it rests on: an id of the evidence, a publication, or judgement"), NAME),
        Column("grade", "", later("A official or peer-reviewed, B press, C inference or judgement"), GRADE),
        Column("weight", "0-1", later("Transport weight: 1 is full faith, 0 none; the spread grows by 1 / sqrt(weight)"), POWER),
    ),
    ("name",),
    (later("8.3 % a year (S001) is a death rate of firms that existed already: weight at most 0.2, on old ages only."),),
)  # fmt: skip

SCHEMAS: Mapping[str, Schema] = MappingProxyType({s.name: s for s in (SPELLS, COHORTS, FIGURES, PRIORS)})
"""Every kind of file, by name."""

FORMS: Mapping[str, str] = MappingProxyType(
    {
        "CSV": later(
            "CSV in UTF-8, commas between cells and a decimal point, or semicolons and a decimal comma; lines above the "
            "header that begin with # are comments. Columns that are not needed may be left out."
        ),
        "TOML": later("TOML in UTF-8; keys that are not needed may be left out, months are written in quotes."),
    }
)
"""How each form is written."""
