"""From a plan to a finished study: its folder, its runs with progress, its files, and what to do when it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from .options import MOST_DRAWS, Labour, Order
from .terminal import progress

if TYPE_CHECKING:
    from ..scenarios.experiment import Plan
    from ..scenarios.studies import StudyFolder
    from ..sim.ensemble import Failure
    from .study import Study

INCOMPLETE = 1


def begin(plan: Plan, order: Order, command: str) -> StudyFolder:
    """Return the folder in which a plan is run: the one that was asked for, or one at home, new or begun before."""
    from ..scenarios.studies import create, fingerprint_of, reopen

    if order.out is not None:
        return create(order.out, plan, command, order.force, order.shard)
    from ..scenarios.shelf import place_at_home

    folder = place_at_home(plan.keys, fingerprint_of(plan))
    return reopen(folder, fingerprint_of(plan)) or create(folder, plan, command, force=True)


@contextmanager
def stoppable(study: StudyFolder) -> Iterator[None]:
    """When work on a study is stopped, say what is kept and how to go on; of a study without runs leave nothing."""
    try:
        yield
    except BaseException as end:
        if not study.remove_if_empty() and isinstance(end, KeyboardInterrupt):
            kept = f"{study.done()} of {study.plan.runs} runs are kept"
            print(f"{kept}; go on with: idmaj study resume {study.folder}", file=sys.stderr)
        raise


def run(study: StudyFolder, labour: Labour, anyway: bool = False) -> list[Failure]:
    """Do the runs that a study lacks, with progress."""
    # What the report is drawn with takes a second to import: the runs hide most of it.
    Thread(target=import_module, args=("seaborn",), daemon=True).start()
    with progress("Simulating", study.plan.runs) as advance:
        return study.run(labour.crew(), advance, anyway)


def finish(study: StudyFolder) -> Study:
    """Write what is made of the results; return what is said about them."""
    from .study import account
    from .study_files import contents

    said = account(study.results(), study.about["command"])
    with contents(said) as files:
        study.finish(files, {"cannot_tell": said.cannot_tell, "notes": said.notes})
    study.settle_at_home()
    return said


def run_as_ordered(study: StudyFolder, order: Order) -> tuple[list[Failure], str | None]:
    """Do all runs, or as many as the precision that was asked for needs; return failures and what to say of it."""
    if order.until is None:
        return run(study, order.labour), None
    from ..scenarios.precision import run_until, target_of
    from .study import recount

    target, failures = target_of(order.until), []

    def again() -> None:
        failures.extend(run(study, order.labour))

    found = run_until(study, target, order.at_most, MOST_DRAWS, recount, again)
    how = f"half-width {found.half_width:.3g} after {found.runs} runs"
    if found.enough:
        return failures, f"Known closely enough ({target}): {how}."
    allowed = f"as many as --at-most {order.at_most} allows"
    return failures, f"Not known as closely as was asked ({target}): {how}, {allowed}."


def dry_run(plan: Plan, labour: Labour) -> dict[str, Any]:
    """Say how many runs a plan has, how long they take and how big they are, from one that is done and forgotten."""
    import tempfile
    import time

    from ..scenarios.experiment import prepare
    from ..scenarios.runs import Lives
    from ..sim.ensemble import Chunk, chunks_of
    from ..sim.store import Store

    work, crew = Lives.of(plan, prepare(plan)), labour.crew()
    crew.leave()
    one = Chunk(0, 0, 1)
    work(one, bool)  # compiled or loaded, untimed
    began = time.perf_counter()
    tables = work(one, bool)
    seconds = time.perf_counter() - began
    with tempfile.TemporaryDirectory(prefix="idmaj-") as folder:
        store = Store(Path(folder))
        store.keep(work.address(one), one, tables)
        size = store.size()
    return {
        "runs": plan.runs,
        "strategies": len(plan.keys),
        "chunks": len(chunks_of(plan.draws, plan.replications)),
        "workers": crew.workers,
        "seconds": round(seconds * plan.runs / crew.workers, 1),
        "megabytes": round(size * plan.runs / 1e6, 1),
    }


def check_complete(study: StudyFolder, failures: list[Failure]) -> None:
    """End the command with an error where runs could not be done; all others are kept and were shown."""
    if not failures:
        return
    for each in study.about["failed"]:
        first, last = each["replications"]
        alone = f"; alone fail: {'; '.join(each['fails_alone'])}" if each["fails_alone"] else ""
        where = f"seed {each['seed']}, draw {each['draw']}, replications {first} to {last}"
        what = f"{where}, strategies {', '.join(each['strategies'])}"
        print(f"not done: {what} ({each['error']}){alone}", file=sys.stderr)
    print(f"{study.folder}: incomplete; all other runs are kept and are what was shown", file=sys.stderr)
    raise SystemExit(INCOMPLETE)
