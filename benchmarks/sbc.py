"""Simulation-based calibration of the fit of registers: raw ranks in calibration/sbc.csv, the table made from them.

`python benchmarks/sbc.py run [FITS]` goes on where it stopped, in one process, until there are so many fits (200), and
writes `sbc.csv` after every few of them under a stamp of the code they follow from. Fits that are done are kept in
`benchmarks/.sbc`; under other code they are done anew. Without words it prints the table of docs/VALIDATION.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

from idmaj.calibration.sbc import rank_table, run_sbc
from idmaj.calibration.sbc_design import FITS, MODEL, MODULES, RANKS_FILE, SEED
from idmaj.calibration.stamp import code_stamp, read_stamped, staleness, stamped_text
from idmaj.sim.ensemble import threads
from idmaj.sim.store import Store, whole_file

KEPT_FITS = Path(__file__).parent / ".sbc"
AT_A_TIME = 5


def run(fits: int) -> None:
    """Do what is missing, a few fits at a time."""
    stamp = code_stamp(MODULES)
    begun = len(Store(KEPT_FITS).entries)  # fewer than are kept would throw the others away
    for done in [*range(max(begun, AT_A_TIME), fits, AT_A_TIME), max(fits, begun)]:
        ranks = run_sbc(MODEL, done, SEED, crew=threads(1), folder=KEPT_FITS, stamp=stamp)
        whole_file(RANKS_FILE, stamped_text(ranks, stamp).encode())
        print(f"{done} of {fits} fits", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(int(sys.argv[2]) if len(sys.argv) > 2 else FITS)
    raw, made_by = read_stamped(RANKS_FILE)
    print(rank_table(raw).round(3).to_string(index=False))
    print(staleness(made_by) or "made by this code")
