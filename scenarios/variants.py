"""Strategies that differ in a few levers only: what a question asks about, without a file for each."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..sim import UserError
from ..sim.policy import Change, Layer, Strategy, in_words, key_of
from ..sim.settings import LEVERS, Lever
from ..sim.strategy_words import SECTIONS, accepted_by, did_you_mean, number_of, words_of
from .language import _

KEYS = {f"{section}.{key}": column for section, keys in SECTIONS.items() for key, column in keys.items()}
"""Column of `Settings` by the key by which files and commands call it: ``selection.weight_on_need``."""


def lever_of(key: str, option: str = "--lever") -> str:
    """Return the column of a lever that is named as in a strategy file.

    Raises
    ------
    UserError
        If there is none; the nearest is named.
    """
    if key in KEYS:
        return KEYS[key]
    near = did_you_mean(key, KEYS)
    hint = near or _("idmaj explain levers names them")
    raise UserError(
        "{option}: found {key!r}, accepted the key of a lever, as in selection.weight_on_need; {hint}",
        option=option,
        key=key,
        hint=hint,
    )


def value_of(column: str, text: str, option: str = "--lever") -> float:
    """Return the number that stands for a value written as in a strategy file: ``0.4``, ``true``, ``need_first``.

    Raises
    ------
    UserError
        If the lever does not accept it.
    """
    lever, word = LEVERS[column], text.strip().strip('"')
    if lever.kind is bool and word in ("true", "false"):
        return float(word == "true")
    if lever.kind not in (None, bool) and word in words_of(lever):
        return number_of(column, word)
    if lever.kind is None:
        try:
            value = float(word.replace("_", ""))
        except ValueError:
            value = math.nan
        if accepts(lever, value):
            return value
    raise UserError(
        "{option}: found {key} = {text}, accepted {accepted}",
        option=option,
        key=key_of(column),
        text=text,
        accepted=accepted_by(lever),
    )


def accepts(lever: Lever, value: float) -> bool:
    """Say whether a lever that is a number accepts a value."""
    if math.isinf(value):
        return value > 0.0 and lever.may_be_infinite
    return lever.at_least <= value <= lever.at_most and (not lever.whole or value == round(value))


def with_levers(base: Strategy, levers: Mapping[str, float], name: str | None = None) -> Strategy:
    """Return a strategy with some levers at other values from the start of the plan on.

    Parameters
    ----------
    base : Strategy
    levers : mapping
        Value by column of `Settings`.
    name : str, optional
        What people are to call it; by default the base's name and what differs.
    """
    if not levers:
        return base
    said = ", ".join(f"{key_of(column)} = {in_words(column, value)}" for column, value in levers.items())
    key = f"{base.key}[{said.replace(' ', '')}]"
    name, why = name or f"{base.name}, {said}", f"{base.name} with {said}, to see what that changes."
    change = Change(None, why, 0, dict(levers), dict.fromkeys(levers, 0))
    return Strategy(key, name, why, (*base.layers, Layer(key, name, why, key, None, (change,))), (base,))
