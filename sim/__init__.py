"""The model: people, businesses and towns, and the month they live.

Names are loaded when they are first asked for, so that reading a strategy does not compile the model.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .country import Country
    from .errors import UserError
    from .history import EVALUATION_MONTH, History
    from .luck import Luck
    from .outcomes import OUTCOMES, Outcome
    from .params import NUMBERS, Params, default_params
    from .policy import Policy
    from .run import resume, simulate
    from .world import World

_HOMES = {
    "Country": "country",
    "UserError": "errors",
    "EVALUATION_MONTH": "history",
    "History": "history",
    "Luck": "luck",
    "OUTCOMES": "outcomes",
    "Outcome": "outcomes",
    "NUMBERS": "params",
    "Params": "params",
    "default_params": "params",
    "Policy": "policy",
    "resume": "run",
    "simulate": "run",
    "World": "world",
}

__all__ = [
    "EVALUATION_MONTH",
    "NUMBERS",
    "OUTCOMES",
    "Country",
    "History",
    "Luck",
    "Outcome",
    "Params",
    "Policy",
    "UserError",
    "World",
    "default_params",
    "resume",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'idmaj.sim' has no name {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
