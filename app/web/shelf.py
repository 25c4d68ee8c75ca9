"""The strategies that a visitor may choose: those of the catalogue by what they are for, and those of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...scenarios.language import _, later
from ...sim.errors import UserError
from .jobs import kept

if TYPE_CHECKING:
    from ...sim.policy import Strategy

YARDSTICKS = ("continued", "no_programme")
PAST = ("history", "historical")
HEADINGS = {
    "own": later("Of your own"),
    "strategy": later("What could be done"),
    "package": later("Packages of these"),
    "yardstick": later("Yardsticks"),
}
"""Heading of each kind, in the order in which they are shown."""


@dataclass(frozen=True)
class Choice:
    """A strategy as it is chosen: what commands call it (a name or a path), its name and the reason for it."""

    key: str
    name: str
    why: str


@dataclass(frozen=True)
class Group:
    """Strategies under one heading."""

    heading: str
    strategies: tuple[Choice, ...]


@dataclass(frozen=True)
class Shelf:
    """What may be chosen."""

    yardsticks: tuple[Choice, ...]
    groups: tuple[Group, ...]
    futures: tuple[Choice, ...]


def own_folder() -> Path:
    """Return the folder of the visitor's own strategies."""
    return kept() / "strategies"


def own_strategies() -> list[Path]:
    """Return the files of the visitor's own strategies, by name."""
    return sorted(path for path in own_folder().glob("*.toml") if not path.name.startswith("."))


def shelf() -> Shelf:
    """Return what may be chosen, in the language spoken; files that cannot be read are left out."""
    from ...scenarios.strategies import catalogue, load

    found: dict[str, list[Choice]] = {kind: [] for kind in (*HEADINGS, "future")}
    for key in catalogue():
        if key not in PAST:
            strategy = load(key)
            kind = "yardstick" if key in YARDSTICKS else strategy.kind
            found[kind].append(_choice(key, strategy))
    for path in own_strategies():
        try:
            strategy = load(str(path))
        except UserError:
            continue
        found["future" if strategy.future else "own"].append(_choice(str(path), strategy))
    yardsticks = [each for kind in ("yardstick", "own", "strategy", "package") for each in found[kind]]
    groups = [Group(_(heading), tuple(found[kind])) for kind, heading in HEADINGS.items() if found[kind]]
    return Shelf(tuple(yardsticks), tuple(groups), tuple(found["future"]))


def _choice(key: str, strategy: Strategy) -> Choice:
    return Choice(key, _(strategy.name), _(strategy.why))
