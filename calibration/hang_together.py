"""Do the numbers hang together? History lived under prior draws: `python -m idmaj.calibration.hang_together`.

Writes `hang_together.csv`, from which docs/MODEL.md has its table; it takes two minutes.
"""

from __future__ import annotations

from pathlib import Path

from ..sim.ensemble import threads
from .checks import prior_table
from .priors import draw_priors
from .replays import replay

DRAWS, SEED = 3000, 2017


def main() -> None:
    """Write the table."""
    table = prior_table(replay(draw_priors(DRAWS, SEED), SEED, threads(), None))
    path = Path(__file__).parent / "hang_together.csv"
    table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")


if __name__ == "__main__":
    main()
