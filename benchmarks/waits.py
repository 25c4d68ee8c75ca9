"""How long a user waits for an answer: `python benchmarks/waits.py [--quick]`. Commands as typed, on all cores.

Seconds by the clock, of the processor, and the most memory held; what else the machine does shows in the clock.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IDMAJ = "from idmaj.app.cli import main; main()"
FIVE = ("continued", "neediest_first", "case_by_case", "trade_training", "branches_follow_flows")
TARGET = ("--target", "live_businesses >= 300 at 5y", "--chance", "0.8", "--keep", "share_neediest_served >= baseline")
ASKED = {
    "the tour, compiled for the first time": ("tour",),
    "the tour, afterwards": ("tour",),
    "`compare` of five strategies over ten years, 200 draws x 2 replications": (
        *("compare", *FIVE, "--draws", "200", "--replications", "2"),
    ),
    "`size`: the smallest budget for 300 live businesses in five years at 80 %": ("size", "continued", *TARGET),
}
"""What is asked, in words and as a command. The first finds no compiled model, the others do."""
QUICK = {"compare": ("--draws", "10"), "size": ("--draws", "20", "--step", "500000")}
"""What makes a command short."""


def waited(command: tuple[str, ...], home: Path, cache: Path) -> tuple[float, float, float]:
    """Run a command with a home of its own; return seconds by the clock, of the processor, and MiB at most."""
    env = os.environ | {"IDMAJ_STUDIES": str(home), "IDMAJ_CACHE_DIR": str(cache), "IDMAJ_LANG": "en"}
    begun = time.perf_counter()
    started = subprocess.Popen([sys.executable, "-c", IDMAJ, *command], env=env, cwd=home, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(started.pid, 0)
    if status:
        raise SystemExit(f"idmaj {' '.join(command)}: ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs: a minute or two")
    quick = parser.parse_args().quick
    print("\n## How long a user waits\n\n| | s | CPU s | memory at most, MiB |\n| --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for number, (words, command) in enumerate(ASKED.items()):
            home = Path(folder) / str(number)
            home.mkdir()
            short = QUICK.get(command[0], ()) if quick else ()
            wall, cpu, most = waited((*command, *short), home, Path(folder) / "compiled")
            print(f"| {words} | {wall:.0f} | {cpu:.0f} | {most:.0f} |", flush=True)


if __name__ == "__main__":
    main()
