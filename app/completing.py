"""What the shell proposes while a command is typed (`idmaj --install-completion`): strategies, outcomes, studies."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo


def strategies(incomplete: str) -> list[str]:
    """Return strategies of the catalogue and files here that begin so; after a `+` those that may follow."""
    from ..scenarios.strategies import catalogue

    before, plus, last = incomplete.rpartition("+")
    names = [*catalogue(), *(path.name for path in sorted(Path().glob("*.toml")))]
    return [f"{before}{plus}{name}" for name in names if name.startswith(last)]


def outcomes(incomplete: str) -> list[str]:
    """Return outcomes that begin so."""
    from ..sim import OUTCOMES

    return [name for name in OUTCOMES if name.startswith(incomplete)]


def studies(incomplete: str) -> list[str]:
    """Return studies at home, and folders here that hold one, that begin so."""
    from ..scenarios.shelf import home, studies_in

    found = [path.name for path in (*studies_in(Path()), *studies_in(home()))]
    return [name for name in dict.fromkeys(found) if name.startswith(incomplete)]


PROPOSED: dict[str, Callable[[str], list[str]]] = {
    **dict.fromkeys(("STRATEGY", "BASE", "CHANGE", "A", "B"), strategies),
    "STUDY": studies,
}
"""What is proposed for an argument, by the word that help calls it by."""


def propose(app: typer.Typer) -> None:
    """Have the shell propose what the commands accept; asked for only while something is completed."""
    for group in (app, *(each.typer_instance for each in app.registered_groups)):
        for command in group.registered_commands if group is not None else ():
            hints = get_type_hints(command.callback, include_extras=True)
            for name, hint in hints.items():
                for about in getattr(hint, "__metadata__", ()):
                    if isinstance(about, ArgumentInfo | OptionInfo):
                        word, *_others = [*re.findall("[A-Z]+", about.metavar or ""), ""]
                        about.autocompletion = outcomes if name == "outcome" else PROPOSED.get(word)
            if command.callback is not None:
                command.callback.__annotations__ = hints  # else they are made anew from the source, without these
