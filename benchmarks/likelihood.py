"""How many likelihood evaluations, and how many weighed prior draws, a second: `python benchmarks/likelihood.py`.

Times are CPU seconds of one core, the best of a few rounds; the whole run beside them gives the ratio.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from idmaj.calibration.likelihood import Likelihood, Structure, coordinates, with_fixed
from idmaj.calibration.priors import draw_priors
from idmaj.calibration.replays import FIT_MONTHS, history_policy
from idmaj.calibration.reweight import BLOCK, weigh
from idmaj.calibration.rows import lives_of_spells, rows_of
from idmaj.calibration.shares import bundled_share
from idmaj.calibration.synthetic import ALL_DEFECTS, Defects, Truth, synthetic_spells
from idmaj.sim import Luck, simulate
from idmaj.sim.kinds import HazardFamily

ROUNDS = 5


def per_second(do: Callable[[], object], times: int) -> float:
    """Return how often something is done in a CPU second, at best."""
    do()  # compiled or loaded, untimed
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(times):
            do()
        best = min(best, time.process_time() - began)
    return times / best


def main() -> None:
    """Print a table."""
    structure = Structure(HazardFamily.WEIBULL, crowding=False)
    params, policy = draw_priors(1, 1)[0], history_policy(FIT_MONTHS)
    run = per_second(lambda: simulate(params, policy, Luck(1, 0, 0), FIT_MONTHS), 2)
    print("| what | a CPU second | against a whole run |\n| --- | --- | --- |")
    print(f"| whole run of history | {run:.1f} | 1 |")
    holes = Defects(**{**vars(ALL_DEFECTS), "missing": 0.1})
    for words, defects, held in (
        ("3,000 spells, frailty over 15 points", ALL_DEFECTS, {}),
        ("3,000 spells, no frailty", ALL_DEFECTS, {"log_frailty_sd": 0.0}),
        ("3,000 spells, a tenth of all covariates missing", holes, {}),
    ):
        rows = rows_of(lives_of_spells(synthetic_spells(Truth(), defects, 3300, 1).head(3000)))
        given = Likelihood(rows, structure, with_fixed(coordinates(rows, structure), held))
        rate = per_second(partial(given.log_posterior, given.start()), 20)
        print(f"| likelihood, {words} | {rate:.0f} | {rate / run:.0f} |")
    block, share = draw_priors(BLOCK, 1), bundled_share()
    rate = BLOCK * per_second(lambda: weigh(block, (share,)), 1)
    print(f"| prior draw weighed by the published share | {rate:,.0f} | {rate / run:,.0f} |")


if __name__ == "__main__":
    main()
