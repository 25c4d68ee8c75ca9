"""Keep the catalogues of messages: `python docs/make_languages.py`.

Messages come from the source, wherever `_("...")`, `worded("...")`, `UserError("...")`, `later("...")` or
`many("...", "...", n)` stands in a module or a template of ours, and from the tables that people see: outcomes, levers,
strategies, figures. Each file, `scenarios/locale/LANGUAGE/LC_MESSAGES/idmaj.po`, gains those it lacks, empty,
and loses those that nothing says any more; what is translated stays. It is compiled to the `.mo` file beside it, which
is what idmaj reads. The share translated is printed.

A new language: a line in `scenarios/language.py`, run this, translate the file, run this again.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TOP = Path(__file__).resolve().parents[1]
KEYWORDS = {"_": None, "later": None, "worded": None, "UserError": None, "many": (1, 2)}
TEMPLATE = "jinja2.ext:babel_extract"
PLACES = {
    "sim/**/*.py": "python", "calibration/**/*.py": "python", "scenarios/**/*.py": "python", "app/**/*.py": "python",
    "app/templates/*.j2": TEMPLATE, "app/web/templates/*.j2": TEMPLATE,
}  # fmt: skip
"""Where messages stand, and how they are found there."""
NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""A date for files whose bytes follow from their messages alone."""


def in_source() -> Iterator[str | tuple[str, str]]:
    """Yield the messages of modules and templates; a pair is one for a number of things."""
    for pattern, method in PLACES.items():
        for path in sorted(TOP.glob(pattern)):
            for _line, message, _comments, _context in extract_from_file(method, path, keywords=KEYWORDS):
                yield message


def in_tables() -> Iterator[str]:
    """Yield what people see of tables."""
    from idmaj.app import dac, explain, report, saying, study, wording
    from idmaj.app.column_words import COLUMNS
    from idmaj.app.figures import AIMS
    from idmaj.app.web.live import SHOWN
    from idmaj.calibration.checks import PUBLISHED
    from idmaj.calibration.country import load_country
    from idmaj.calibration.knowledge import load_knowledge
    from idmaj.scenarios.by_structure import WITH, WITHOUT
    from idmaj.scenarios.decisions.costs import PERSPECTIVES
    from idmaj.scenarios.decisions.regret import CRITERIA
    from idmaj.scenarios.language import MONTHS
    from idmaj.scenarios.questions import planned
    from idmaj.scenarios.questions.places import WHAT
    from idmaj.scenarios.questions.robust import named
    from idmaj.scenarios.strategies import catalogue, load
    from idmaj.sim import NUMBERS, OUTCOMES
    from idmaj.sim.groups import NEED
    from idmaj.sim.history import DEFINITIONS
    from idmaj.sim.kinds import HazardFamily, Trade
    from idmaj.sim.outcomes import Month
    from idmaj.sim.settings import LEVERS
    from idmaj.sim.table import columns

    for name, outcome in (OUTCOMES | study.outcomes_of_one()).items():
        yield from (wording.source_label(name), outcome.meaning, outcome.unit)
    for column in LEVERS.values():
        yield from (column.meaning, column.unit)
        if column.kind not in (None, bool):
            yield from (each.name.lower().replace("_", " ") for each in column.kind)
    for key in catalogue():
        strategy = load(key)
        yield from (strategy.name, strategy.why)
        if strategy.future:
            yield named(strategy)
    for figure in PUBLISHED:
        yield from (figure.figure, figure.unit, figure.role)
        yield figure.published if figure.published[:1].isalpha() else ""
    for number in NUMBERS.values():
        yield from (number.meaning, number.unit)
        yield from (
            part
            for part in number.basis.split("; ")
            if re.search("[a-z]{3}", part) and not re.match(r"\S+\.csv$", part)
        )
    yield from (step.why for step in explain.sources().steps.values())
    known = load_knowledge()
    yield from (wording.source_label(name) for label in ("data-informed", "weak") for name in known.named(label))
    yield from (*DEFINITIONS.values(), *MONTHS, *AIMS.values(), *report.CLEARLY.values(), *report.VERDICTS)
    yield from (*report.GRADES.values(), *study.SAID.values(), "draws", "replications", *load_country().place_names)
    yield from (WITH, WITHOUT, *(family.name.lower().replace("_", "-") for family in HazardFamily))
    yield from (*saying.HEADINGS, *planned.said(), "all", *NEED, *WHAT.values())
    yield from map(wording.source_label, (*WHAT, *CRITERIA, *PERSPECTIVES))
    yield from (columns(Month)[name].meaning for name in SHOWN)
    yield from (trade.name.lower().replace("_", " ") for trade in Trade)
    yield from map(wording.source_label, COLUMNS)
    for title, (asks, _outcomes) in dac.CRITERIA.items():
        yield from (title, asks)


def messages() -> list[str | tuple[str, str]]:
    """Return all messages, each once, in order."""
    found = dict.fromkeys([*in_source(), *in_tables()])
    return [each for each in found if each and each not in ("%",)]


def updated(old: Catalog, wanted: list[str | tuple[str, str]]) -> Catalog:
    """Return a catalogue of the messages that are wanted, translated where the old one had them."""
    new = Catalog(locale=old.locale, charset="utf-8", fuzzy=False)
    for each in wanted:
        known = old.get(each if isinstance(each, str) else each[0])
        new.add(each, known.string if known else "")
    return new


def po_text(catalogue: Catalog) -> bytes:
    """Return a catalogue as a `.po` file, the same bytes for the same messages."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=0, omit_header=True)
    headers = [f"Language: {catalogue.locale}", "Content-Type: text/plain; charset=utf-8"]
    headers.append(f"Plural-Forms: {catalogue.plural_forms}")
    head = "".join(f'"{header}\\n"\n' for header in headers)
    return f'msgid ""\nmsgstr ""\n{head}\n'.encode() + stream.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return a catalogue as a `.mo` file."""
    stream = io.BytesIO()
    compiled = Catalog(locale=catalogue.locale, charset="utf-8", fuzzy=False, creation_date=NEVER, revision_date=NEVER)
    for message in catalogue:
        if message.id and translated(message):
            compiled.add(message.id, message.string)
    write_mo(stream, compiled)
    return stream.getvalue()


def translated(message: Message) -> bool:
    """Say whether a message has a translation, in every plural form."""
    parts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(parts)


def read(path: Path, code: str) -> Catalog:
    """Return the catalogue of a file, an empty one where there is none."""
    if not path.exists():
        return Catalog(locale=code)
    return read_po(io.BytesIO(path.read_bytes()), locale=code)


def main() -> None:
    """Bring all catalogues up to date and print how much of each is translated."""
    from idmaj.scenarios.language import DOMAIN, ENGLISH, LANGUAGES, LOCALE

    wanted = messages()
    for code in LANGUAGES:
        if code == ENGLISH.code:
            continue
        path = LOCALE / code / "LC_MESSAGES" / f"{DOMAIN}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = updated(read(path, code), wanted)
        path.write_bytes(po_text(catalogue))
        path.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
        done = sum(translated(message) for message in catalogue if message.id)
        print(f"{code}: {done} of {len(wanted)} messages translated ({done / len(wanted):.0%})")


if __name__ == "__main__":
    main()
