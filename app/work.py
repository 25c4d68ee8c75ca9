"""From a plan to a finished study: its folder, its runs with progress, its files, and what to do when it is stopped."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, later, many, written
from .options import MOST_DRAWS, Labour, Order
from .terminal import progress

if TYPE_CHECKING:
    from ..scenarios.experiment import Plan
    from ..scenarios.studies import StudyFolder
    from ..sim.ensemble import Failure
    from .study import Study

INCOMPLETE = 1
NOT_BEGUN = later("no run was done, so no study was begun; the same command begins again")


def begin(plan: Plan, order: Order, command: str) -> StudyFolder:
    """Return the folder in which a plan is run: the one that was asked for, or one at home, new or begun before."""
    from ..scenarios.at_home import begin_at_home
    from ..scenarios.studies import create

    if order.out is not None:
        return create(order.out, plan, command, order.force, order.shard)
    return begin_at_home(plan, command)


def going_on(study: StudyFolder) -> str:
    """Say of a study that is not new what it has; nothing of a new one."""
    done, whole = study.done(), written(f"{study.plan.runs:,}")
    if study.complete:
        return _("All {count} runs are there already: {folder}", count=whole, folder=study.folder)
    about = {"folder": study.folder, "done": written(f"{done:,}"), "count": whole}
    return _("Going on with {folder}: {done} of {count} runs are there.", **about) if done else ""


@contextmanager
def stoppable(study: StudyFolder, gone: str = NOT_BEGUN) -> Iterator[None]:
    """When work on a study is stopped, say what is kept and how to go on; of a study without runs leave nothing."""
    try:
        yield
    except BaseException as end:
        removed = study.remove_if_empty()
        if isinstance(end, KeyboardInterrupt):
            kept = _(
                "{done} of {count} runs are kept; go on with: idmaj study resume {folder}",
                done=study.done(), count=study.plan.runs, folder=study.folder,
            )  # fmt: skip
            print(_(gone) if removed else kept, file=sys.stderr)
        raise


@contextmanager
def not_begun() -> Iterator[None]:
    """When a command is stopped before its study is begun, say so."""
    try:
        yield
    except KeyboardInterrupt:
        print(_(NOT_BEGUN), file=sys.stderr)
        raise


def run(study: StudyFolder, labour: Labour, anyway: bool = False) -> list[Failure]:
    """Do the runs that a study lacks, with progress."""
    # What the report is drawn with takes a second to import: the runs hide most of it.
    Thread(target=import_module, args=("seaborn",), daemon=True).start()
    with progress(later("Simulating"), study.plan.runs) as advance:
        return study.run(labour.crew(), advance, anyway)


def finish(study: StudyFolder) -> Study:
    """Write what is made of the results; return what is said about them."""
    from .study import account
    from .study_files import contents

    said = account(study.results(), study.about["command"])
    with contents(said) as files:
        study.finish(files, {"tells": said.tells, "cannot_tell": said.cannot_tell, "notes": said.notes})
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
    about = {"half": written(f"{found.half_width:.3g}"), "runs": many("{n} run", "{n} runs", found.runs)}
    how = _("half of the 95 % interval of the difference is {half} after {runs}", **about)
    if len(study.plan.keys) == 1:
        how = _("half of the 95 % interval of the mean is {half} after {runs}", **about)
    if found.enough:
        return failures, _("Known closely enough ({target}): {how}.", target=target.in_words, how=how)
    return failures, _(
        "Not known as closely as was asked ({target}): {how}, as many as --at-most {most} allows.",
        target=target.in_words, how=how, most=order.at_most,
    )  # fmt: skip


def dry_run(plan: Plan, order: Order) -> dict[str, Any]:
    """Say how many runs a plan has, how long they take and how big they are, from one that is done and forgotten.

    With ``--until`` the numbers are those of the fewest runs that it can take; ``at_most`` has those of the most.
    """
    import tempfile
    import time

    from ..scenarios.experiment import prepare
    from ..scenarios.precision import target_of
    from ..scenarios.runs import Lives
    from ..scenarios.shelf import shard_of
    from ..sim.ensemble import Chunk, available_cores, chunks_of
    from ..sim.store import Store

    target = None if order.until is None else target_of(order.until)
    work, crew = Lives.of(plan, prepare(plan)), order.labour.crew()
    crew.leave()
    # Workers beyond the cores of this machine save no time; shards share the runs out evenly.
    workers = crew.workers if order.labour.cluster else min(crew.workers, available_cores())
    part = 1 if order.shard is None else 1 / shard_of(order.shard)[1]
    one = Chunk(0, 0, 1)
    work(one, bool)  # compiled or loaded, untimed
    began = time.perf_counter()
    tables = work(one, bool)
    seconds = time.perf_counter() - began
    with tempfile.TemporaryDirectory(prefix="idmaj-") as folder:
        store = Store(Path(folder))
        store.keep(work.address(one), one, tables)
        size = store.size()

    def takes(runs: int) -> dict[str, Any]:
        mine = math.ceil(runs * part)
        return {
            "runs": mine,
            "seconds": round(seconds * mine / workers, 1),
            "megabytes": round(size * mine / 1e6, 1),
        }

    chunks = math.ceil(len(chunks_of(plan.draws, plan.replications)) * part)
    about = {"strategies": len(plan.keys), "chunks": chunks, "workers": workers}
    if target is None:
        return takes(plan.runs) | about
    most = takes(target.most(plan, MOST_DRAWS, order.at_most))
    least = takes(min(target.least(plan, MOST_DRAWS), most["runs"]))
    return least | about | {"at_most": most, "until": str(target)}


def check_complete(study: StudyFolder, failures: list[Failure]) -> None:
    """End the command with an error where runs could not be done; all others are kept and were shown."""
    if not failures:
        return
    for each in study.about["failed"]:
        first, last = each["replications"]
        said = _(
            "not done: seed {seed}, draw {draw}, replications {first} to {last}, strategies {strategies} ({error})",
            seed=each["seed"], draw=each["draw"], first=first, last=last, error=each["error"],
            strategies=_(", ").join(each["strategies"]),
        )  # fmt: skip
        if each["fails_alone"]:
            said += _("; alone fail: {names}", names=_("; ").join(each["fails_alone"]))
        print(said, file=sys.stderr)
    said = _("{folder}: incomplete; all other runs are kept and are what was shown", folder=study.folder)
    print(said, file=sys.stderr)
    raise SystemExit(INCOMPLETE)
