"""Simulation-based calibration of the fit of registers: raw ranks in calibration/sbc.csv, the table made from them.

`python benchmarks/sbc.py run [FITS]` goes on from the ranks in `sbc.csv`, in one process, until there are so many fits
(200); the file is written after each of them, under a stamp of the code they follow from. Under other code all are done
anew. Without words it prints the table of docs/VALIDATION.md.
"""

from __future__ import annotations

import sys

import pandas as pd

from idmaj.calibration.sbc import KEPT, RANKS, Fits, rank_table
from idmaj.calibration.sbc_design import FITS, MODEL, MODULES, RANKS_FILE, SEED
from idmaj.calibration.stamp import code_stamp, read_stamped, staleness, stamped_text
from idmaj.sim.ensemble import Chunk
from idmaj.sim.store import whole_file


def run(fits: int) -> None:
    """Do what is missing, fit by fit: each is a pure function of its number, the seed and the code."""
    stamp, work, parts = code_stamp(MODULES), Fits(MODEL, SEED, KEPT), []
    if RANKS_FILE.exists():
        kept, made_by = read_stamped(RANKS_FILE)
        parts = [] if staleness(made_by) else [kept]
    done = set(parts[0]["fit"]) if parts else set()
    for fit in sorted(set(range(fits)) - done):
        parts.append(work(Chunk(fit, 0, 1), bool)[RANKS])
        ranks = pd.concat(parts, ignore_index=True).sort_values("fit", kind="stable")
        whole_file(RANKS_FILE, stamped_text(ranks, stamp).encode())
        print(f"fit {fit}, of {fits}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(int(sys.argv[2]) if len(sys.argv) > 2 else FITS)
    raw, made = read_stamped(RANKS_FILE)
    print(rank_table(raw).round(3).to_string(index=False))
    print(staleness(made) or "made by this code")
