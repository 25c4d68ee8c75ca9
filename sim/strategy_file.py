"""One strategy file: read, checked against the levers, every problem said with its line and its remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from .errors import Problem, later, worded
from .settings import LEVERS, Lever
from .strategy_lines import Place, lines_of_keys
from .strategy_words import (
    ABOUT,
    DATE_FORM,
    FUTURE,
    MONTH_FORM,
    RAMP,
    SECTIONS,
    accepted_by,
    date_hint,
    date_of,
    did_you_mean,
    key_hint,
    month_hint,
    month_of,
    number_of,
    out_of_order,
    quoted,
    syntax_hint,
    toml,
    value_hint,
    words_of,
)

_STRICT = ConfigDict(strict=True, extra="forbid")

TABLES = (".csv", ".tsv", ".xls", ".xlsx", ".parquet")
A_STRATEGY = later("a name of the catalogue or the path of a .toml file")
_ACCEPTED = {
    "name": later("a name in quotes"),
    "why": later("a reason in quotes"),
    "extends": later("a name of the catalogue or the path of a .toml file, in quotes"),
    "combines": later(
        "a list of at least two strategies in quotes, each a name of the catalogue or the path of a .toml file"
    ),
    "start": later("a month from 2007-01 on, written YYYY-MM, in quotes"),
    "date": later(
        'a month from 2007-01 on, written YYYY-MM, or like "+12 months" after the start of the plan, in quotes'
    ),
    "changes": later("blocks, each headed [[changes]]"),
}


@dataclass(frozen=True)
class Change:
    """Settings that come into force together: in `month`, or, where that is None, `after` months from the start.

    That start is their layer's own or, where it has none, the plan's.

    `line` is that of its date; `values` and their `lines` are by column of `Settings`. Numbers get to their
    values in `ramp` equal monthly steps, the first of them in `month`; 0 or 1 is at once.
    """

    month: int | None
    why: str
    line: int
    values: dict[str, float]
    lines: dict[str, int]
    ramp: int = 0
    after: int = 0


@dataclass(frozen=True)
class Layer:
    """What one file says. Messages call it `source`; only a baseline that is history has its own `start`.

    A `future` says what may come, whatever is done: it is laid over the strategies it is combined with.
    """

    key: str
    name: str
    why: str
    source: str
    start: int | None
    changes: tuple[Change, ...]
    future: bool = False


@dataclass(frozen=True)
class Reading:
    """A file as read: its layer, unless there are problems, and the strategies below it.

    `key` is what names those, "extends" or "combines", and `line` where that stands.
    """

    layer: Layer | None
    problems: tuple[Problem, ...]
    key: str = ""
    below: tuple[str, ...] = ()
    line: int | None = None


def read_file(path: Path, source: str) -> Reading:
    """Read and check one strategy file, which messages call `source`; problems are returned, not raised."""
    text = _text(path, source)
    if isinstance(text, Problem):
        return Reading(None, (text,))
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return Reading(None, (_syntax_problem(source, text, str(error)),))
    lines = lines_of_keys(text)
    problems = [
        *_schema_problems(source, data, lines),
        *_below_problems(source, data, lines),
        *_order_problems(source, data, lines),
    ]
    layer = None if problems else _layer(path, source, data, lines)
    by_line = tuple(sorted(problems, key=lambda problem: problem.line or 0))
    key = "combines" if "combines" in data else "extends"
    said = data.get(key)
    named = said if key == "combines" and isinstance(said, list) else [said] if key == "extends" else []
    below = tuple(name for name in named if isinstance(name, str) and name.strip())
    return Reading(layer, by_line, key, below, lines.get((key,)))


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a strategy file."""
    return _model().model_json_schema()


def _text(path: Path, source: str) -> str | Problem:
    """Return the text of a file, or why there is none."""
    accepted = worded("a strategy file")
    if path.suffix.lower() in TABLES and path.is_file():
        return Problem(source, None, "", worded("a table, not a strategy"), worded("a strategy file (.toml)"))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Problem(source, None, "", worded("no such file"), accepted, nearest_file(path))
    except IsADirectoryError:
        return Problem(
            source, None, "", worded("a directory"), accepted, worded("write {file}", file=Path(source) / "NAME.toml")
        )
    except UnicodeDecodeError:
        return Problem(
            source, None, "", worded("a file that is not text in UTF-8"), accepted, worded("save it as UTF-8")
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Problem(source, None, "", worded("a file that cannot be read ({why})", why=reason.lower()), accepted)
    if not text.strip():
        hint = worded("'idmaj strategies new' writes one to start from")
        return Problem(source, None, "", worded("an empty file"), worded("at least a name and a why"), hint)
    return text


def nearest_file(path: Path) -> str:
    """Say which file of the folder a path may have meant."""
    return did_you_mean(path.name, sorted(file.name for file in path.parent.glob("*.toml")))


def _syntax_problem(source: str, text: str, message: str) -> Problem:
    """Return where and why a text is not TOML."""
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    reason = message[: place.start()] if place else message.removesuffix(" (at end of document)")
    lines = text.split("\n")
    number = int(place[1]) if place else len(text.rstrip().split("\n"))
    line = lines[number - 1]
    key = line.split("=", 1)[0].strip() if "=" in line else line.strip().strip("[]")
    if reason.startswith(("Cannot overwrite", "Cannot declare")):
        accepted = worded("each key once")
        hint = worded("inside a block of changes a section is headed [changes.SECTION]")
        return Problem(source, number, key, worded("a key that stands there twice"), accepted, hint)
    at = worded("column {column}", column=place[2]) if place else worded("end of the file")
    found, accepted = f"{line.strip()[:60]} ({at})", f"TOML ({reason[:1].lower()}{reason[1:]})"
    return Problem(source, number, key, found, accepted, syntax_hint(line))


def _schema_problems(source: str, data: dict[str, Any], lines: dict[Place, int]) -> Iterator[Problem]:
    """Yield what does not fit the schema, in our own words."""
    try:
        _model().model_validate(data)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_context=False):
            place, unknown = each["loc"], each["type"] == "extra_forbidden"
            value = None if each["type"] == "missing" else each["input"]
            accepted, hint = _remedy(place, value, unknown)
            found = toml(value)
            if unknown:
                found = worded("an unknown section") if isinstance(value, dict) else worded("an unknown key")
            yield Problem(source, _line(place, lines), _key(place), found, accepted, hint)


def _remedy(place: Place, value: object, unknown: bool) -> tuple[str, str]:
    """Return what is accepted at a place, and what to write instead of a value."""
    at, inside = (place[2:], True) if place[0] == "changes" and len(place) > 1 else (place, False)
    if place[0] == "combines":
        return worded(_ACCEPTED[str(place[0])]), _combines_hint(value) if len(place) == 1 else ""
    names = ["date", "why", "ramp_months", *SECTIONS] if inside else [*ABOUT, *SECTIONS, "changes"]
    if not at:
        return worded("a block headed [[changes]], with date, why and settings"), ""
    section, key = ("", str(at[0])) if len(at) == 1 else (str(at[0]), str(at[1]))
    if unknown:
        names = list(SECTIONS[section]) if section else names
        return worded("one of {names}", names=", ".join(names)), key_hint(section or "changes" * inside, key, names)
    if section:
        lever = LEVERS[SECTIONS[section][key]]
        return accepted_by(lever), value_hint(lever, value)
    if key in ("date", "start"):
        return worded(_ACCEPTED[key]), month_hint(value) if key == "start" else date_hint(value)
    if key in ("ramp_months", "future"):
        lever = RAMP if key == "ramp_months" else FUTURE
        return accepted_by(lever), value_hint(lever, value)
    if key == "changes":
        return worded(_ACCEPTED[key]), worded("write two brackets on each side") if isinstance(value, dict) else ""
    if key in SECTIONS:
        return worded("a section headed [{key}], with {names}", key=key, names=", ".join(SECTIONS[key])), ""
    return worded(_ACCEPTED[key]), ""


def _combines_hint(value: object) -> str:
    """Say how to write one strategy, or several, that stand below a file."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return worded("to build on one strategy write extends = {strategy}", strategy=toml(value[0]))
    if isinstance(value, str) and "+" in value:
        return worded("write combines = [{parts}]", parts=quoted(part.strip() for part in value.split("+")))
    return worded("to build on one strategy write extends") if isinstance(value, str) else ""


def _below_problems(source: str, data: dict[str, Any], lines: dict[Place, int]) -> Iterator[Problem]:
    """Yield what cannot stand together: two ways to build on others, or a start and one of them, or a future."""
    start = data.get("start")
    if start is not None and data.get("future") is True:
        hint = worded("leave out one of the two: a future is laid over plans, history comes before them")
        accepted = worded("a future without a start")
        yield Problem(source, _line(("future",), lines), "future", worded("true beside a start"), accepted, hint)
    if start is not None and ("extends" in data or "combines" in data):
        hint = worded("leave it out: this strategy starts with the plan (--start)")
        accepted = worded("a start only in a baseline, which extends and combines nothing")
        yield Problem(source, _line(("start",), lines), "start", toml(start), accepted, hint)
    if "extends" in data and "combines" in data:
        hint = worded(
            "leave out 'extends', since each part brings along what it extends (or 'combines', to build on one)"
        )
        found = worded("extends = {extends} in the same file", extends=toml(data["extends"]))
        yield Problem(source, _line(("combines",), lines), "combines", found, worded("one of the two"), hint)


def _order_problems(source: str, data: dict[str, Any], lines: dict[Place, int]) -> Iterator[Problem]:
    """Yield dates out of order or standing twice, changes without settings, and a ramp that nothing takes."""
    if "ramp_months" in data and not any(data.get(section) for section in SECTIONS):
        accepted = worded("ramp_months beside settings of the same block")
        hint = worded("write it under the date of the changes that it is for")
        line = _line(("ramp_months",), lines)
        yield Problem(source, line, "ramp_months", worded("no settings to ramp"), accepted, hint)
    start = data.get("start")
    before, earliest = "", start if isinstance(start, str) and re.fullmatch(MONTH_FORM, start) else ""
    changes = data.get("changes")
    for index, change in enumerate(changes if isinstance(changes, list) else []):
        if not isinstance(change, dict):
            continue
        date = change.get("date")
        if isinstance(date, str) and re.fullmatch(DATE_FORM, date):
            wrong = out_of_order(date, before, earliest)
            if wrong:
                yield Problem(source, _line(("changes", index, "date"), lines), "changes.date", toml(date), *wrong)
            before = before if wrong else date
        known = {"date", "why", "ramp_months", *SECTIONS}
        if not any(change.get(section) for section in SECTIONS) and set(change) <= known:
            hint = worded("head its settings with [changes.SECTION], not with [SECTION]")
            line = _line(("changes", index), lines)
            yield Problem(
                source, line, "changes", worded("a change without settings"), worded("at least one setting"), hint
            )


def _key(place: Place) -> str:
    """Return the name of a place as messages write it: the line tells which of several blocks it is in."""
    return ".".join(part for part in place if isinstance(part, str))


def _line(place: Place, lines: dict[Place, int]) -> int:
    """Return the line of a place or, for what is missing, of the nearest table around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _layer(path: Path, source: str, data: dict[str, Any], lines: dict[Place, int]) -> Layer:
    """Return what a checked document says."""
    start = month_of(data["start"]) if "start" in data else None
    changes = [_change(data, (None, 0), (), lines)]
    for index, block in enumerate(data.get("changes", ())):
        changes.append(_change(block, date_of(block["date"]), ("changes", index), lines))
    name, why = data["name"].strip(), data["why"].strip()
    return Layer(path.stem, name, why, source, start, tuple(changes), data.get("future", False))


def _change(
    data: dict[str, Any], date: tuple[int | None, int], place: Place, lines: dict[Place, int]
) -> Change:
    values, where = {}, {}
    for section, keys in SECTIONS.items():
        for key, value in data.get(section, {}).items():
            values[keys[key]] = number_of(keys[key], value)
            where[keys[key]] = _line((*place, section, key), lines)
    month, after = date
    line, ramp = _line((*place, "date"), lines), data.get("ramp_months", 0)
    return Change(month, data["why"].strip(), line, values, where, ramp, after)


@cache
def _model() -> type[BaseModel]:
    """Return the pydantic model of a strategy file, made from the levers."""
    text = Annotated[str, Field(pattern=r"\S")]
    month = Annotated[str, Field(pattern=MONTH_FORM)]
    sections: dict[str, Any] = {
        section: (create_model(section.capitalize(), __config__=_STRICT, **_fields(keys)), _optional(""))
        for section, keys in SECTIONS.items()
    }
    ramp: Any = (_accepted_type(RAMP), _optional(_about(RAMP)))
    change = create_model(
        "Change",
        __config__=_STRICT,
        date=(
            Annotated[str, Field(pattern=DATE_FORM)],
            Field(description="First month in which these settings are in force, or months after the plan's start"),
        ),
        why=(text, Field(description="The reason, with its evidence")),
        ramp_months=ramp,
        **sections,
    )
    return create_model(
        "Strategy",
        __config__=_STRICT,
        name=(text, Field(description="What people call it")),
        extends=(text, _optional(f"The strategy it differs from: {A_STRATEGY}")),
        combines=(
            Annotated[list[text], Field(min_length=2)],
            _optional(f"In place of extends, the strategies it is the overlay of: each {A_STRATEGY}"),
        ),
        why=(text, Field(description="The reason, with its evidence")),
        start=(month, _optional("First month of history; other strategies start with the plan")),
        future=(bool, _optional(FUTURE.meaning)),
        ramp_months=ramp,
        changes=(list[change], _optional("Settings that come into force later, in the order of their dates")),  # type: ignore[valid-type]
        **sections,
    )


def _fields(keys: Mapping[str, str]) -> dict[str, Any]:
    levers = {key: LEVERS[column] for key, column in keys.items()}
    return {key: (_accepted_type(lever), _optional(_about(lever))) for key, lever in levers.items()}


def _optional(about: str) -> Any:
    """Return a field that may be left out: then the strategy below says what holds."""
    return Field(default=None, description=about or None, json_schema_extra=_without_default)


def _without_default(written: dict[str, Any]) -> None:
    written.pop("default", None)


def _about(lever: Lever) -> str:
    return f"{lever.meaning} ({lever.unit})" if lever.unit else lever.meaning


def _accepted_type(lever: Lever) -> Any:
    """Return the type of what a lever accepts, bounds included."""
    if lever.kind is bool:
        return bool
    if lever.kind is not None:
        return Literal[words_of(lever)]
    at_most = None if lever.at_most == float("inf") else lever.at_most
    if lever.whole:
        return Annotated[int, Field(ge=int(lever.at_least), le=None if at_most is None else int(at_most))]
    return Annotated[float, Field(ge=lever.at_least, le=at_most, allow_inf_nan=lever.may_be_infinite)]
