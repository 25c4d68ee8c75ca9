"""The catalogue of strategies, and the file a new one starts from."""

from __future__ import annotations

import json
import math
import textwrap
from pathlib import Path

from ..sim.policy import Strategy, in_words, read_strategy, timeline
from ..sim.settings import LEVERS
from ..sim.strategy_words import SECTIONS, accepted_by, number, words_of
from .language import ENGLISH, _, later, spoken

HERE = Path(__file__).parent
HEAD = (
    later("A strategy says only what differs from the strategy it extends."),
    later("Delete the '# ' before a setting to change it. The values shown are those it has now."),
    later("Then run: idmaj strategies check THIS_FILE"),
)
"""Above a new strategy, line by line."""
LATER = (
    later('What is to change later goes into dated blocks. A date is a month or, like "+24 months", counted from the'),
    later("start of the plan (--start); all dates of a file are of one kind. Where ramp_months = 12 stands under a"),
    later("date, or above the first [section], numbers get to their new value in 12 equal monthly steps from then on;"),
    later("whole numbers are rounded, words and yes/no switch at once. The blocks stand in the order of their dates:"),
)
"""Above what changes later, line by line."""
WHY, REASON = later("Say here what it is for, and what speaks for it."), later("The reason.")
HISTORY = HERE.parent / "calibration" / "history.toml"


def catalogue() -> dict[str, Path]:
    """Return the file of each strategy that has a name: the bundled ones, and ``history``, what was done."""
    bundled = {path.stem: path for path in sorted((HERE / "catalogue").glob("*.toml"))}
    return {"history": HISTORY, **bundled}


def load(which: str | Path) -> Strategy:
    """Read a strategy by its name in the catalogue or by the path of its file; ``a+b`` is several at once.

    Raises
    ------
    StrategyError
        With all its problems; for an unknown name, with the nearest one.
    """
    return read_strategy(which, catalogue())


def template(name: str, extends: str, base: Strategy, start: int) -> str:
    """Return the text of a new strategy in which every lever waits to be uncommented.

    Parameters
    ----------
    name : str
        What people will call it.
    extends : str
        What the file is to say under ``extends``.
    base : Strategy
        What that is: the commented lines show its values.
    start : int
        Month, from January 2007, whose values they are.
    """
    steps = timeline(base, start)
    lines = [
        *_said(HEAD),
        f"name = {_quoted(name)}",
        f"extends = {_quoted(extends)}",
        f"why = {_quoted(_(WHY))}",
    ]
    for section, keys in SECTIONS.items():
        lines += ["", f"[{section}]"]
        for key, column in keys.items():
            now = [step.value for step in steps[column] if step.month <= start][-1]
            lines += [*_comment(column), f"# {key} = {_written(column, now)}"]
    lines += [
        "",
        *_said(LATER),
        "# [[changes]]",
        '# date = "2028-01"',
        f"# why = {_quoted(_(REASON))}",
        "# [changes.grants]",
        "# amount_mad = 12000",
    ]
    return "\n".join(lines) + "\n"


def _said(lines: tuple[str, ...]) -> list[str]:
    """Return lines of comment in the language spoken."""
    return [f"# {_(line)}" for line in lines]


def _comment(column: str) -> list[str]:
    """Return the comment over a setting: meaning, default and what is accepted, in which unit."""
    lever = LEVERS[column]
    text = _(
        "{meaning}. Default: {default}. Accepted: {accepted}.",
        meaning=_(lever.meaning), default=_written(column, lever.default), accepted=_accepted(column),
    )  # fmt: skip
    return textwrap.wrap(text, 100, initial_indent="#   ", subsequent_indent="#   ")


def _accepted(column: str) -> str:
    """Say what a lever accepts, numbers as they are typed."""
    lever = LEVERS[column]
    if spoken() is ENGLISH:
        return accepted_by(lever)
    if lever.kind is bool:
        return _("true or false")
    if lever.kind is not None:
        return _("one of {words}", words=_(", ").join(_quoted(word) for word in words_of(lever)))
    if math.isinf(lever.at_most):
        words = _("a number of {low} or more", low=number(lever.at_least))
    else:
        words = _("a number from {low} to {high}", low=number(lever.at_least), high=number(lever.at_most))
    unit = "" if lever.unit in ("", "share") else f" ({_(lever.unit)})"
    return words + unit + (_(", or inf") if lever.may_be_infinite else "")


def _written(column: str, value: float) -> str:
    kind = LEVERS[column].kind
    words = in_words(column, value)
    return words if kind is None or kind is bool else _quoted(words)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")
