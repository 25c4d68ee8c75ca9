"""Where a visitor is: the view, the language and what is looked at, all in the address of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ...scenarios.language import ENGLISH, LANGUAGES, _, later, many, quoted, spoken
from .. import wording

TEMPLATES = Path(__file__).parent / "templates"
VIEWS = {
    "compare": later("Compare strategies"),
    "studies": later("Studies"),
    "strategy": later("Write a strategy"),
    "life": later("One life"),
    "world": later("The model live"),
    "words": later("What words mean"),
}
"""What the page shows, and what its links are called; ``study`` is one of the studies."""
STUDY = "study"


@dataclass(frozen=True)
class Here:
    """What the address of the page says.

    Attributes
    ----------
    view : str
        One of `VIEWS`, or ``study``.
    lang : str
        Code of a language.
    study : str
        Name of a study at home; empty where none is meant.
    base : str
        Strategy that a new one begins from; empty where none is meant.
    own : str
        Name of a strategy of the visitor's own that is written on.
    """

    view: str = "compare"
    lang: str = ENGLISH.code
    study: str = ""
    base: str = ""
    own: str = ""

    @classmethod
    def of(cls, query: str | Mapping[str, str]) -> Here:
        """Return what a query says, as ``?view=life&lang=fr``; what it cannot mean is as by default."""
        said = dict(parse_qsl(query.lstrip("?"))) if isinstance(query, str) else dict(query)
        here = cls(**{name: said[name] for name in cls.__dataclass_fields__ if name in said})
        view = here.view if here.view in VIEWS or (here.view == STUDY and here.study) else cls.view
        return replace(here, view=view, lang=here.lang if here.lang in LANGUAGES else cls.lang)

    def link(self, **changes: str) -> str:
        """Return the address of a place of the page, in the language of this one unless that changes."""
        there = replace(Here(lang=self.lang), **changes)
        said = {name: getattr(there, name) for name in self.__dataclass_fields__}
        return "./?" + urlencode({name: value for name, value in said.items() if value})

    def again(self, lang: str) -> str:
        """Return the address of this place in a language."""
        return self.link(view=self.view, study=self.study, base=self.base, own=self.own, lang=lang)


def whole(value: object, otherwise: int = 0) -> int:
    """Return what a field holds where that is a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def by_field(problem: object, fields: Mapping[str, str]) -> str:
    """Return a problem that names options of a command, as ``--years``, with the fields in which they are given."""

    def field(option: re.Match[str]) -> str:
        return quoted(_(fields[option[1]])) if option[1] in fields else option[0]

    return re.sub(r"(?<![\w-])\u200e?--([a-z]+)(?![\w-])", field, str(problem))  # it may begin with a mark of direction


@cache
def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([TEMPLATES, TEMPLATES.parents[1] / "templates"]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals |= {"_": _, "many": many, "wording": wording}
    environment.globals |= {"spoken": spoken, "languages": LANGUAGES}
    return environment


def html(template: str, **about: Any) -> str:
    """Return a template filled in, in the language spoken."""
    return str(_environment().get_template(template).render(**about))
