"""The catalogue of strategies, and the file a new one starts from."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from ..sim.policy import Strategy, in_words, read_strategy, timeline
from ..sim.settings import LEVERS
from ..sim.strategy_words import SECTIONS, accepted_by

HERE = Path(__file__).parent
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
        "# A strategy says only what differs from the strategy it extends.",
        "# Delete the '# ' before a setting to change it. The values shown are those it has now.",
        "# Then run: idmaj strategies check THIS_FILE",
        f"name = {_quoted(name)}",
        f"extends = {_quoted(extends)}",
        'why = "Say here what it is for, and what speaks for it."',
    ]
    for section, keys in SECTIONS.items():
        lines += ["", f"[{section}]"]
        for key, column in keys.items():
            now = [step.value for step in steps[column] if step.month <= start][-1]
            lines += [*_comment(column), f"# {key} = {_written(column, now)}"]
    lines += [
        "",
        '# What is to change later goes into dated blocks. A date is a month or, like "+24 months", counted from the',
        "# start of the plan (--start); all dates of a file are of one kind. Where ramp_months = 12 stands under a",
        "# date, or above the first [section], numbers get to their new value in 12 equal monthly steps from then on;",
        "# whole numbers are rounded, words and yes/no switch at once. The blocks stand in the order of their dates:",
        "# [[changes]]",
        '# date = "2028-01"',
        '# why = "The reason."',
        "# [changes.grants]",
        "# amount_mad = 12000",
    ]
    return "\n".join(lines) + "\n"


def _comment(column: str) -> list[str]:
    """Return the comment over a setting: meaning, default and what is accepted, in which unit."""
    lever = LEVERS[column]
    text = f"{lever.meaning}. Default: {_written(column, lever.default)}. Accepted: {accepted_by(lever)}."
    return textwrap.wrap(text, 100, initial_indent="#   ", subsequent_indent="#   ")


def _written(column: str, value: float) -> str:
    kind = LEVERS[column].kind
    words = in_words(column, value)
    return words if kind is None or kind is bool else _quoted(words)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")
