"""Strategies that build on others: what a file extends or combines, and the overlay of strategies joined by '+'.

Each file is a layer. A strategy's layers are those of the strategies below it, each once, then its own: so what
two parts have in common counts once, and `continued+mine` is `mine` where that extends `continued`.

A future (a file with `future = true`) says what may come, whatever is done. Alone it is laid over what it extends;
named with strategies it is laid over them instead, so that nothing they say is in conflict with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import Problem, StrategyError, later, worded
from .strategy_file import A_STRATEGY, Layer, nearest_file, read_file
from .strategy_words import did_you_mean, quoted, toml

PARTS = later("names of the catalogue or paths of .toml files joined by '+', each once")
Trail = tuple[tuple[Path, str], ...]
"""The files that are being read, each built on by the one before it: resolved, and as messages call them."""


@dataclass(frozen=True)
class Strategy:
    """What is done: layers that overlay one another, the baseline first.

    Attributes
    ----------
    key : str
        Name in the catalogue, or the file's name without its ending; parts named together are joined by '+'.
    name, why : str
        What people call it, and the reason for it.
    layers : tuple of Layer
        The baseline first, the file that was asked for last.
    below : tuple of Strategy
        What it builds on: nothing, the one strategy it extends, or those it combines.
    """

    key: str
    name: str
    why: str
    layers: tuple[Layer, ...]
    below: tuple[Strategy, ...] = ()

    @property
    def future(self) -> bool:
        """Whether it says what may come: its file does, or all parts that were named together do."""
        own = own_layers(self)
        return own[-1].future if own else bool(self.below) and all(part.future for part in self.below)

    @property
    def kind(self) -> str:
        """In a word: ``future``, ``package`` where it combines several, else ``strategy``."""
        return "future" if self.future else "package" if len(self.below) > 1 else "strategy"


def read_strategy(which: str | Path, library: Mapping[str, Path]) -> Strategy:
    """Read a strategy and everything it builds on.

    Parameters
    ----------
    which : str or Path
        A name in `library`, the path of a file, or several of them joined by '+': the overlay of these parts.
        A '+' in the path of a file that exists belongs to the path.
    library : mapping of str to Path
        The strategies that have a name.

    Returns
    -------
    Strategy

    Raises
    ------
    StrategyError
        With all the problems of all the files, each with its line, what was found and what is accepted.
    """
    reader = _Reader(library)
    texts = [str(which)] if isinstance(which, Path) else _parts_of(which, library)
    if len(texts) == 1:
        strategy = reader.read(_Mention(texts[0]), ())
    else:
        parts = reader.read_together([_Mention(text, str(which)) for text in texts], ())
        strategy = combine(parts) if parts else None
    if strategy is None or reader.problems:
        raise StrategyError(list(dict.fromkeys(reader.problems)))
    return strategy


def combine(parts: Sequence[Strategy]) -> Strategy:
    """Return the overlay of strategies.

    Parameters
    ----------
    parts : sequence of Strategy
        At least one. Their order does not matter to the settings: where two of them disagree, `timeline` raises.
        Futures among strategies are laid over them.

    Returns
    -------
    Strategy
        With keys, names and reasons joined.
    """
    whys = [f"{part.name}: {part.why}" for part in parts]
    why = " ".join(said if said.endswith((".", "!", "?")) else f"{said}." for said in whys)
    key, name = "+".join(part.key for part in parts), " + ".join(part.name for part in parts)
    return Strategy(key, name, why, _overlay(parts), tuple(parts))


def _overlay(parts: Sequence[Strategy]) -> tuple[Layer, ...]:
    """Return the layers of all parts, each once: every layer above those it was written on or is laid over."""
    waiting: list[Layer] = []
    for part in parts:
        waiting += [layer for layer in brought(part, parts) if layer not in waiting]
    pairs = list(_over(parts))
    layers: list[Layer] = []
    while waiting:
        held = [upper for lower, upper in pairs if lower in waiting]
        layers.append(next(layer for layer in waiting if layer not in held))
        waiting.remove(layers[-1])
    return tuple(layers)


def _over(parts: Sequence[Strategy]) -> Iterator[tuple[Layer, Layer]]:
    """Yield (lower, upper) wherever one layer stands above another, in parts that are named together and in theirs."""
    lower = [layer for part in parts if not part.future for layer in part.layers]
    for part in parts:
        yield from _over(part.below)
        for own in own_layers(part):
            yield from ((layer, own) for layer in part.layers[: part.layers.index(own)])
        laid = [layer for layer in part.layers if part.future and layer.future and layer not in lower]
        yield from ((layer, future) for layer in lower for future in laid)


def beneath(strategy: Strategy, layer: Layer) -> tuple[Layer, ...]:
    """Return the layers that one was written on; for a future, also those over which it is laid."""
    if not layer.future:
        return _written_on(strategy, layer) or ()
    pairs = list(_over([strategy]))
    found, looked = [layer], 0
    while looked < len(found):
        found += [lower for lower, upper in pairs if upper == found[looked] and lower not in found]
        looked += 1
    return tuple(each for each in strategy.layers if each in found[1:])


def _written_on(strategy: Strategy, layer: Layer) -> tuple[Layer, ...] | None:
    """Return the layers below one in its own file, or None where no part of a strategy has it."""
    if layer in own_layers(strategy):
        return strategy.layers[: strategy.layers.index(layer)]
    return next((found for part in strategy.below if (found := _written_on(part, layer)) is not None), None)


def brought(part: Strategy, parts: Sequence[Strategy]) -> tuple[Layer, ...]:
    """Return the layers that one of several parts brings: all, but of a future among strategies only futures."""
    if part.future and not all(other.future for other in parts):
        return tuple(layer for layer in part.layers if layer.future)
    return part.layers


def own_layers(strategy: Strategy) -> tuple[Layer, ...]:
    """Return what a strategy adds to those below it: the layer of its file, or none for parts joined by '+'."""
    return tuple(layer for layer in strategy.layers if not any(layer in part.layers for part in strategy.below))


def base_of(strategy: Strategy) -> Strategy:
    """Return what a strategy differs from: the one it extends, what all its parts share, or the defaults."""
    if len(strategy.below) == 1:
        return strategy.below[0]
    shared = [layer for layer in strategy.layers if all(layer in part.layers for part in strategy.below)]
    if not strategy.below or not shared:
        return Strategy("", "the defaults", "", ())
    return Strategy(shared[-1].key, shared[-1].name, shared[-1].why, tuple(shared))


def _parts_of(which: str, library: Mapping[str, Path]) -> list[str]:
    """Split what was asked for at each '+' that does not belong to a path, the longest path first."""
    if which in library:
        return [which]
    words, parts = which.split("+"), []
    while words:
        length = next((n for n in range(len(words), 1, -1) if _is_one_path("+".join(words[:n]))), 1)
        parts.append("+".join(words[:length]))
        words = words[length:]
    return parts if len(parts) == 1 else [part.strip() for part in parts]


def _is_one_path(text: str) -> bool:
    """Say whether a text with '+' is a file that exists, or would be one of a folder whose name has the '+'."""
    folder, file = os.path.split(text.strip())
    return os.path.isfile(text.strip()) or ("+" in folder and file.endswith(".toml") and os.path.isdir(folder))


@dataclass(frozen=True)
class _Mention:
    """A strategy as it is named: alone, among parts joined by '+', or in a file; `where` is empty if alone."""

    text: str
    where: str = ""
    line: int | None = None
    key: str = ""
    folder: Path = field(default_factory=Path)

    def problem(self, found: str, accepted: str, hint: str = "") -> Problem:
        """Return what is wrong with naming it."""
        if not self.where:
            return Problem(self.text, None, "", found, accepted, hint)
        return Problem(
            self.where, self.line, self.key, worded("{text}, {what}", text=toml(self.text), what=found), accepted, hint
        )


class _Reader:
    """Reads each file once, however often it is named, and gathers what is wrong with all of them."""

    def __init__(self, library: Mapping[str, Path]) -> None:
        self.library = library
        self.problems: list[Problem] = []
        self._known: dict[Path, Strategy | None] = {}

    def read(self, mention: _Mention, trail: Trail) -> Strategy | None:
        """Return the strategy that is named, or None after telling why there is none."""
        path = self._path(mention)
        if path is None:
            return None
        file = path.resolve()
        open_files = [resolved for resolved, _ in trail]
        if file in open_files:
            circle = [name for _, name in trail[open_files.index(file) :]]
            found = worded("a circle: {names}", names=" -> ".join([*circle, circle[0]]))
            self.problems.append(Problem(mention.where, mention.line, mention.key, found, worded("a chain that ends")))
            return None
        if file not in self._known:
            self._known[file] = self._from_file(path, (*trail, (file, str(path))))
        return self._known[file]

    def read_together(self, mentions: Sequence[_Mention], trail: Trail) -> tuple[Strategy, ...] | None:
        """Return the strategies that are named together, or None after telling what is wrong with any."""
        found: list[Strategy] = []
        for mention in mentions:
            if not mention.text:
                rest = "+".join(each.text for each in mentions if each.text)
                hint = worded("write {rest}", rest=rest) if rest else ""
                self.problems.append(
                    Problem(mention.where, None, "", worded("a '+' with nothing beside it"), worded(PARTS), hint)
                )
                continue
            strategy = self.read(mention, trail)
            if strategy is not None and any(strategy is other for other in found):
                self.problems.append(
                    mention.problem(worded("the same part twice"), worded("each part once"), worded("leave one out"))
                )
            elif strategy is not None:
                found.append(strategy)
        return tuple(found) if len(found) == len(mentions) else None

    def _from_file(self, path: Path, trail: Trail) -> Strategy | None:
        reading = read_file(path, str(path))
        self.problems += reading.problems
        where, folder = str(path), Path(str(path)).parent
        mentions = [_Mention(text, where, reading.line, reading.key, folder) for text in reading.below]
        below = self.read_together(mentions, trail)
        layer = reading.layer
        if layer is None or below is None:
            return None
        return Strategy(layer.key, layer.name, layer.why, (*_overlay(below), layer), below)

    def _path(self, mention: _Mention) -> Path | None:
        """Return the file that a name or a path means, or None after telling that it means nothing."""
        which, folder = mention.text, mention.folder
        if which in self.library:
            return self.library[which]
        path = Path(os.path.normpath(folder / which))
        is_path = path.suffix == ".toml" or any(mark in which for mark in ("/", os.sep)) or path.exists()
        if not is_path:
            self.problems.append(
                mention.problem(worded("an unknown strategy"), worded(A_STRATEGY), self._nearest(mention))
            )
        elif mention.where and not path.exists():
            self.problems.append(
                mention.problem(worded("a file that is not there"), worded(A_STRATEGY), nearest_file(path))
            )
        else:
            return path
        return None

    def _nearest(self, mention: _Mention) -> str:
        """Say what a name that is unknown may have meant."""
        which, file = mention.text, f"{mention.text}.toml"
        if (mention.folder / file).is_file():
            return worded("for the file write {file}", file=file)
        if mention.key and "+" in which:
            return worded(
                "in a file write combines = [{parts}]", parts=quoted(part.strip() for part in which.split("+"))
            )
        return did_you_mean(which, self.library) or worded(
            "the names are {names}", names=", ".join(sorted(self.library))
        )
