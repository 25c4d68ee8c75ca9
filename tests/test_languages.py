"""The report in three languages: catalogues are whole and true to the source, numbers and figures are the reader's."""

import importlib.util
import re
import string
from pathlib import Path
from threading import Thread

import pytest
from babel.messages.catalog import Catalog

from idmaj.scenarios.language import (
    ENGLISH,
    LANGUAGES,
    LOCALE,
    _,
    language,
    listed,
    many,
    month,
    speak,
    speaking,
    spoken,
    written,
    written_within,
)
from idmaj.sim import UserError

ROOT = Path(__file__).resolve().parents[1]
OTHERS = [code for code in LANGUAGES if code != ENGLISH.code]
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")


def _maker():
    spec = importlib.util.spec_from_file_location("make_languages", ROOT / "docs" / "make_languages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def maker():
    return _maker()


@pytest.fixture(scope="module")
def wanted(maker):
    return maker.messages()


def catalogue(maker, code: str) -> Catalog:
    return maker.read(LOCALE / code / "LC_MESSAGES" / "idmaj.po", code)


def holes(text: str) -> set[str]:
    return {name for _literal, name, _form, _turned in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", OTHERS)
def test_no_message_is_missing_unused_or_empty(maker, wanted, code):
    there = {message.id: message for message in catalogue(maker, code) if message.id}
    assert [each for each in wanted if each not in there] == [], "python docs/make_languages.py, then translate"
    assert [each for each in there if each not in wanted] == [], "python docs/make_languages.py"
    empty = [each for each, message in there.items() if not maker.translated(message)]
    share = 1.0 - len(empty) / len(wanted)
    print(f"{code}: {share:.0%} of {len(wanted)} messages translated")
    assert empty == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_what_is_put_in(maker, code):
    for message in catalogue(maker, code):
        if not message.id:
            continue
        plural = isinstance(message.id, tuple)
        source = message.id[1] if plural else message.id
        for text in message.string if plural else (message.string,):
            lost = holes(source) - holes(text)
            assert holes(text) <= holes(source), (message.id, text)
            assert lost <= ({"n"} if plural else set()), (message.id, text)  # "one year" has no number in it


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_read_is_compiled_from_what_is_written(maker, code):
    path = LOCALE / code / "LC_MESSAGES" / "idmaj.mo"
    assert path.read_bytes() == maker.mo_bytes(catalogue(maker, code)), "python docs/make_languages.py"


def test_arabic_is_written_in_arabic_letters(maker):
    words = {
        message.id: message.string
        for message in catalogue(maker, "ar")
        if isinstance(message.id, str) and re.search("[a-z]{4}", re.sub(r"{[^{}]*}|--[a-z-]+", "", message.id))
    }
    assert [each for each, text in words.items() if not RIGHT_TO_LEFT.search(text)] == []


def test_numbers_are_written_as_the_reader_writes_them():
    assert written("1,234.5") == "1,234.5"
    with speaking("fr"):
        assert written("+1,234.5") == "+1\u202f234,5"
        assert written_within("3,600 to 4,786") == "3\u202f600 to 4\u202f786"
    with speaking("ar"):
        assert written("-1,234.5") == "\u2066-1.234,5\u2069"
    assert spoken() is ENGLISH


def test_lists_numbers_of_things_and_months():
    assert listed([]) == "" and listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c"
    assert many("one year", "{n} years", 1) == "one year" and many("one year", "{n} years", 1200) == "1,200 years"
    assert month(0) == "January 2007" and month(239) == "December 2026"
    with speaking("fr"):
        assert month(239) == "décembre 2026" and listed(["a", "b"]) == "a et b"
    with speaking("ar"):
        assert month(124) == "ماي 2017"
        assert len({many("{n} replication", "{n} replications", n) for n in (1, 2, 5, 20, 100)}) == 5


def test_a_message_without_translation_stays_as_it_is():
    with speaking("fr"):
        assert _("never heard of") == "never heard of"
        assert _("") == ""


def test_threads_speak_what_the_process_speaks_and_a_visitor_only_here():
    def elsewhere(message):
        found = []
        thread = Thread(target=lambda: found.append(_(message)))
        thread.start()
        thread.join()
        return found[0]

    with speaking("ar"):
        assert elsewhere("no such file") == "no such file"
    speak("fr")
    assert elsewhere("no such file") == _("no such file") != "no such file"


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(UserError, match=r"--lang: found 'de'; accepted: en \(English\), fr \(Français\), ar"):
        language("de")
