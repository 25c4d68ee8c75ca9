"""Small registers of spells to spoil: a good row, and how to write some."""

from __future__ import annotations

import csv
import io

GOOD = {
    **{"id": "A1", "owner_id": "P1", "start_lo": "2012-03-05", "start_hi": "2012-03-05", "observed_from": ""},
    **{"last_active": "2013-01-10", "first_inactive": "2013-07-10", "exit": "failed", "sector": "food"},
    **{"sex": "female", "origin": "SYR", "place": "Rabat", "branch": "Rabat", "trained": "2011-11"},
    **{"grant_mad": "9000", "first_agr": "yes", "need": "0.4", "weight": "", "source": "made up"},
}


def register(*changes: dict[str, str], header: list[str] | None = None) -> str:
    """Return the text of a register: the good row with some cells changed, once for each change."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header or list(GOOD), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**GOOD, "id": f"A{i}", "owner_id": f"P{i}"} | change for i, change in enumerate(changes, 1))
    return out.getvalue()
