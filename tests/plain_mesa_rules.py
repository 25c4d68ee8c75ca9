"""The model's rules as ordinary Python functions, for agents that are ordinary Python objects."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

from idmaj.sim import rules as rules_package


def rule_functions() -> dict[str, Any]:
    """Return every rule as `noun.name`, found by reflection: a new rule is found without being listed."""
    found = {}
    for info in pkgutil.iter_modules(rules_package.__path__):
        module = importlib.import_module(f"{rules_package.__name__}.{info.name}")
        for name, value in vars(module).items():
            source = getattr(value, "py_func", value)
            if inspect.isfunction(source) and source.__module__ == module.__name__:
                found[f"{info.name}.{name}"] = value
    return found


def plain_rules(watch: Callable[[str], None] | None = None) -> SimpleNamespace:
    """Return the rules by name, uncompiled, calling only one another.

    `rule.py_func` alone would not do: the rules that it calls are looked up where it was written, and those are
    compiled. So each module's names are copied, with the uncompiled rule in the place of the compiled one.

    Parameters
    ----------
    watch : callable, optional
        Told the `noun.name` of every rule that is called.
    """
    marked = rule_functions()
    spaces = {value.__module__: dict(vars(importlib.import_module(value.__module__))) for value in marked.values()}
    plain = {}
    for name, value in marked.items():
        source = getattr(value, "py_func", value)
        bare = FunctionType(source.__code__, spaces[value.__module__], source.__name__, source.__defaults__)
        plain[id(value)] = _watched(bare, name, watch) if watch else bare
    for space in spaces.values():
        space.update({key: plain[id(value)] for key, value in space.items() if id(value) in plain})
    by_name = {name.split(".")[1]: plain[id(value)] for name, value in marked.items()}
    assert len(by_name) == len(marked), "two rules of one name"
    return SimpleNamespace(**by_name)


def _watched(function: Callable[..., Any], name: str, watch: Callable[[str], None]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        watch(name)
        return function(*arguments)

    return call
