"""The view of the words: what each outcome and each lever means, and the terms of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...scenarios.language import _
from .. import wording
from .here import Here
from .jobs import Jobs
from .levers import SECTIONS

if TYPE_CHECKING:
    from shiny import Inputs, Session


def about(here: Here) -> dict[str, Any]:
    """Return all words, in the language spoken."""
    from ...sim import OUTCOMES
    from ...sim.settings import LEVERS
    from ...sim.strategy_words import SECTIONS as KEYS

    outcomes = [
        {"word": wording.label(name), "unit": wording.shown_unit(each.unit), "meaning": _(each.meaning), "key": name}
        for name, each in OUTCOMES.items()
    ]
    levers = [
        {
            "heading": _(SECTIONS[section]),
            "levers": [
                {"key": f"{section}.{key}", "meaning": _(LEVERS[column].meaning), "unit": _(LEVERS[column].unit)}
                for key, column in keys.items()
            ],
        }
        for section, keys in KEYS.items()
    ]
    return {"outcomes": outcomes, "groups": levers}


def server(input: Inputs, session: Session, here: Here, jobs: Jobs) -> None:
    """Words stand still."""
