"""The share of time that each phase of the month takes: `python benchmarks/phases.py [ADULTS]`.

The month is lived phase by phase, each compiled by itself, and timed from Python; the cost of the call is taken
off. Phases stand in the order of `sim/month.py`, which a test of this file's own checks at its start.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
ADULTS, MONTHS = 16_841, 121


def compiled(function: str, arguments: str) -> Callable[..., None]:
    """Return one phase as a compiled function of its own."""
    import numba

    from idmaj.sim import month
    from idmaj.sim.reference import refer

    module = function.partition(".")[0]
    space: dict[str, Any] = {module: getattr(month, module), "refer": refer}
    source = "def phase(tables, given, luck, room, month):\n"
    source += "    state, scene, space = refer(tables), refer(given), refer(room)\n"
    exec(source + f"    {function}({arguments})\n", space)
    return numba.njit(space["phase"], nogil=True, error_model="python", _nrt=False)


def main() -> None:
    """Print the table."""
    import numba
    from speed import crowded

    from idmaj.sim import Luck, default_params, simulate
    from idmaj.sim.build import calls_of_a_month
    from idmaj.sim.month import count_arrivals
    from idmaj.sim.run import parameter_row, scene_of
    from idmaj.sim.state import clear_desk, make_room

    adults = int(sys.argv[1]) if len(sys.argv) > 1 else ADULTS
    policy, luck, params = crowded(adults, MONTHS), Luck(), default_params()[0]
    first = simulate(params, policy, luck, 1)
    scene = scene_of(parameter_row(params), policy, MONTHS)
    more = count_arrivals(scene, luck.key(), 1, MONTHS)
    tally = first.state.tally[0]
    rows = int(tally.households) + more
    state = make_room(first.state, rows, int(tally.persons) + 3 * more, int(tally.businesses) + 2 * rows, MONTHS)
    room = clear_desk(state)
    phases = [(name, compiled(name, ", ".join(arguments))) for name, arguments in calls_of_a_month()]
    nothing = numba.njit(lambda tables, given, luck, room, month: None)
    spent = dict.fromkeys([name for name, _ in phases] + ["call"], 0.0)
    lived = 0.0
    for month in range(1, MONTHS):
        for name, phase in [*phases, ("call", nothing)]:
            begun = time.perf_counter()
            phase(state, scene, luck.key(), room, month)
            if month > 1:  # the first month compiles
                spent[name] += time.perf_counter() - begun
        lived += state.monthly[month].adults_present if month > 1 else 0.0
    call = spent.pop("call")
    net = {name: max(0.0, seconds - call) for name, seconds in spent.items()}
    total = sum(net.values())
    print(f"\n## Where a month's time goes: {adults:,} adults, {MONTHS - 2} months\n")
    print("| phase | ns per adult-month | share |\n| --- | ---: | ---: |")
    for name, seconds in net.items():
        print(f"| {name} | {1e9 * seconds / lived:.2f} | {seconds / total:.0%} |")
    print(f"| all | {1e9 * total / lived:.1f} | 100% |")


if __name__ == "__main__":
    main()
