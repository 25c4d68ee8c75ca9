"""What history says: evidence, what was done, and the numbers that agree with both."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checks import historical_figures, prior_table
    from .cohorts import read_cohorts
    from .country import load_country
    from .data_check import check_file
    from .draws import load_draws
    from .figures import figure, load_figures
    from .prior_files import read_prior_file
    from .priors import draw_priors
    from .published import read_published
    from .reading import EvidenceError
    from .spells import read_spells
    from .synthetic import synthetic_spells

_HOMES = {
    "historical_figures": "checks",
    "prior_table": "checks",
    "load_country": "country",
    "EvidenceError": "reading",
    "figure": "figures",
    "load_figures": "figures",
    "load_draws": "draws",
    "draw_priors": "priors",
    "check_file": "data_check",
    "read_cohorts": "cohorts",
    "read_prior_file": "prior_files",
    "read_published": "published",
    "read_spells": "spells",
    "synthetic_spells": "synthetic",
}

__all__ = [
    "EvidenceError",
    "check_file",
    "draw_priors",
    "figure",
    "historical_figures",
    "load_country",
    "load_draws",
    "load_figures",
    "prior_table",
    "read_cohorts",
    "read_prior_file",
    "read_published",
    "read_spells",
    "synthetic_spells",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'idmaj.calibration' has no name {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
