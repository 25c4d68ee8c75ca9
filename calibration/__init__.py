"""What history says: evidence, what was done, and the numbers that agree with both."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checks import historical_figures, prior_table
    from .country import load_country
    from .draws import load_draws
    from .figures import EvidenceError, figure, load_figures
    from .fit import quick_fit
    from .priors import draw_priors

_HOMES = {
    "historical_figures": "checks",
    "prior_table": "checks",
    "load_country": "country",
    "EvidenceError": "figures",
    "figure": "figures",
    "load_figures": "figures",
    "quick_fit": "fit",
    "load_draws": "draws",
    "draw_priors": "priors",
}

__all__ = [
    "EvidenceError",
    "draw_priors",
    "figure",
    "historical_figures",
    "load_country",
    "load_draws",
    "load_figures",
    "prior_table",
    "quick_fit",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'idmaj.calibration' has no name {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
