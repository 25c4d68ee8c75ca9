"""The errors that are the user's to mend, and how what is said of it comes into the reader's language.

The model knows no languages: whoever does gives it a way to look messages up. Without one, all is English.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

_look_up: Callable[[str], str] = str


def look_up_with(find: Callable[[str], str]) -> None:
    """Look messages up from now on with a function that gives each in the language spoken."""
    global _look_up  # noqa: PLW0603  # the one door by which a language comes down to the model
    _look_up = find


def worded(message: str, /, **values: object) -> str:
    """Return a message in the language spoken, with values put in where it names them."""
    return _look_up(message).format(**values) if values else _look_up(message)


def later(message: str, /) -> str:
    """Return a message as it is: it is written down here, and looked up with `worded` where it is shown."""
    return message


class UserError(ValueError):
    """A mistake in what the user gave: the message names the place, what was found and what is accepted.

    The command line prints the message and ends with exit code 2; it never shows a traceback for it.

    Parameters
    ----------
    message : str
        In English, as it stands in the catalogues: it is said in the language spoken.
    values
        What is put in where the message names it.
    """

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(worded(message, **values))


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a strategy: where, what was found, what is accepted, what to do."""

    file: str
    line: int | None
    key: str
    found: str
    accepted: str
    hint: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        place = worded("{place}: key '{key}'", place=place, key=self.key) if self.key else place
        text = worded(
            "{place}: found {found}, accepted {accepted}", place=place, found=self.found, accepted=self.accepted
        )
        return worded("{text}; {hint}", text=text, hint=self.hint) if self.hint else text


class StrategyError(UserError):
    """A strategy that cannot be used: `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        ValueError.__init__(self, self.problems)  # what each says is worded when it is shown

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
