"""How long businesses last and how they end, estimated from columns with one element a spell.

Every estimator is a pure function on arrays: `entry`, the age or time at which the spell came under
observation (left truncation); `exit`, when it ended or was last seen; and how it ended. Where an ending is
only known to lie between two visits, `lower` and `upper` stand for the last two. The same functions serve
real and simulated tables.

A spell is at risk on `entry < t <= exit`: one that enters at t is at risk after t, and an ending at t is
counted before a censoring at t. Times may be in any unit (the project uses months); results carry it.
Conventions are those of R's survival package where it has the estimator.
"""

from .columns import known_between
from .curves import (
    CumulativeIncidence,
    SurvivalCurve,
    aalen_johansen,
    incidence_at,
    kaplan_meier,
    nelson_aalen,
    restricted_mean,
    survival_at,
)
from .discrete import DiscreteFit, fit_cloglog, fit_discrete, person_periods
from .life_table import life_table, life_table_of_counts
from .log_rank import log_rank
from .parametric import DistributionFit, fit_distribution
from .turnbull import survival_bounds, turnbull

__all__ = [
    "CumulativeIncidence",
    "DiscreteFit",
    "DistributionFit",
    "SurvivalCurve",
    "aalen_johansen",
    "fit_cloglog",
    "fit_discrete",
    "fit_distribution",
    "incidence_at",
    "kaplan_meier",
    "known_between",
    "life_table",
    "life_table_of_counts",
    "log_rank",
    "nelson_aalen",
    "person_periods",
    "restricted_mean",
    "survival_at",
    "survival_bounds",
    "turnbull",
]
