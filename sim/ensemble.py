"""Many runs on any executor: threads here, processes, or a cluster; the same results however they are shared out.

Work is cut into chunks of replications of one draw. A chunk is a pure function of its numbers, so it may be done
anywhere, in any order, and again. Nothing here knows what a run means.
"""

from __future__ import annotations

import functools
import logging
import os
import pickle
import signal
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol, TypeVar

from .errors import UserError, worded

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]
T = TypeVar("T")

MOST_REPLICATIONS = 64
"""Replications of a chunk at most: what a kill may cost."""
FEWEST_REPLICATIONS = 4
ENOUGH_CHUNKS = 4000
"""With more chunks than that, they grow: files are few enough for a folder, and losses still small."""

TRIES = 2
"""How often a chunk is tried before it is given up: a worker may die for reasons of its own."""
ANSWER_SECONDS = 30.0
"""How long a cluster may take to answer."""


@dataclass(frozen=True, order=True)
class Chunk:
    """Replications `first` to `first + count - 1` of one draw."""

    draw: int
    first: int
    count: int

    def __post_init__(self) -> None:
        numbers = (self.draw, self.first, self.count)
        if any(type(number) is not int for number in numbers) or min(self.draw, self.first, self.count - 1) < 0:
            raise ValueError(f"a chunk: found {numbers}; accepted draw and first 0 or more, count 1 or more")

    @property
    def replications(self) -> range:
        """Its replications."""
        return range(self.first, self.first + self.count)

    def meets(self, other: Chunk) -> bool:
        """Say whether some run is in both."""
        overlap = self.first < other.first + other.count and other.first < self.first + self.count
        return self.draw == other.draw and overlap


class Work(Protocol):
    """What is done with a chunk: it can be pickled, and gives the same tables wherever it is done."""

    def __call__(self, chunk: Chunk, stopped: Callable[[], bool]) -> Tables:
        """Return the tables of a chunk, or raise CancelledError soon after `stopped` says so."""
        ...

    def culprits(self, chunk: Chunk) -> Sequence[tuple[str, Callable[[], object]]]:
        """Return its smallest parts, each named and to be tried alone, to find the one that kills its worker."""
        ...


@dataclass(frozen=True)
class Failure:
    """A chunk that could not be done, what it said, and which of its parts fail alone."""

    chunk: Chunk
    error: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Crew:
    """Who does the work.

    Attributes
    ----------
    hire : callable
        Returns an executor of that many workers (None: as many as the crew has).
    workers : int
        How many work at a time.
    apart : bool
        Whether they live in other processes: work then travels to them pickled.
    mortal : bool
        Whether a worker that dies breaks the executor, which then has to be hired anew.
    dismiss : callable
        Lets an executor go without waiting for it.
    """

    hire: Callable[[int | None], Executor]
    workers: int
    apart: bool = False
    mortal: bool = False
    dismiss: Callable[[Executor], None] = lambda executor: executor.shutdown(wait=False, cancel_futures=True)

    def leave(self) -> None:
        """Let everybody go where there is nothing to do: a cluster is told so."""
        self.dismiss(self.hire(None))


def available_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads(workers: int | None = None) -> Crew:
    """Return a crew of threads: all one machine needs, since the compiled model releases the interpreter lock."""
    from concurrent.futures import ThreadPoolExecutor

    number = workers or available_cores()
    return Crew(lambda some: ThreadPoolExecutor(some or number), number)


def processes(workers: int | None = None) -> Crew:
    """Return a crew of processes: slower to start, but one that dies takes no other with it."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    number = workers or available_cores()
    context = multiprocessing.get_context("spawn")

    def hire(some: int | None) -> Executor:
        return ProcessPoolExecutor(some or number, mp_context=context, initializer=_leave_interrupts_to_the_parent)

    return Crew(hire, number, apart=True, mortal=True)


def cluster(address: str, answer_seconds: float = ANSWER_SECONDS) -> Crew:
    """Return the workers of a Dask cluster.

    Parameters
    ----------
    address : str
        ``tcp://host:port`` of its scheduler, or the scheduler file that it wrote.
    answer_seconds : float
        How long it may take to answer.

    Raises
    ------
    UserError
        If Dask is not installed, nothing answers in time, nobody works there, or workers have another model.
    """
    try:
        from distributed import Client
    except ImportError as error:
        hint = worded("pip install -c constraints.txt 'idmaj[cluster]' (in a checkout '.[cluster]')")
        lacking = worded("--cluster {address}: needs the library distributed; {hint}", address=address, hint=hint)
        raise UserError(lacking) from error
    from .rule import code_hash

    where = {"address": address} if "://" in address else {"scheduler_file": address}
    if "://" not in address and not os.path.isfile(address):
        forms = worded("tcp://HOST:PORT or a Dask scheduler file")
        raise UserError("--cluster {address}: found no such file; accepted {forms}", address=address, forms=forms)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it says is said below
    late = worded("--cluster {address}: no worker answers within {wait:g} s", address=address, wait=answer_seconds)
    try:
        client = _in_time(lambda: Client(**where, timeout=answer_seconds, set_as_default=False), answer_seconds)
    except (OSError, TimeoutError, ValueError) as error:
        raise UserError("{late} ({error})", late=late, error=error) from error
    try:
        client.wait_for_workers(1, timeout=answer_seconds)
        codes = _in_time(lambda: client.run(code_hash), answer_seconds)
    except (OSError, TimeoutError, ValueError) as error:
        client.close(timeout=1)
        raise UserError("{late} ({error})", late=late, error=error) from error
    others = [name for name, code in codes.items() if code != code_hash()]
    if others:
        client.close()
        raise UserError("--cluster {address}: worker {other} has another model", address=address, other=others[0])
    workers = sum(client.nthreads().values())
    return Crew(lambda _: client.get_executor(), workers, apart=True, dismiss=lambda _: client.close())


def _in_time(call: Callable[[], T], seconds: float) -> T:
    """Return what a call returns; raise TimeoutError where it hangs, which Dask's own limits do not always notice."""
    answer: Future[T] = Future()

    def ask() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=ask, daemon=True).start()
    return answer.result(2 * seconds)  # its own limit first, which says more


def chunks_of(draws: int, replications: int, have: Iterable[Chunk] = ()) -> list[Chunk]:
    """Cut a plan into chunks, around those that are there already.

    Parameters
    ----------
    draws, replications : int
        Of the plan.
    have : iterable of Chunk
        Chunks that are to stay as they are.

    Returns
    -------
    list of Chunk
        In order of draw and replication: every run of the plan is in one of them. Chunks of `have` that reach
        beyond the plan are not among them.
    """
    size = FEWEST_REPLICATIONS
    while size < MOST_REPLICATIONS and size * ENOUGH_CHUNKS < draws * replications:
        size *= 2  # so that the chunks of a smaller plan lie within those of a larger one
    kept: dict[int, list[Chunk]] = {draw: [] for draw in range(draws)}
    for chunk in sorted(have):
        fits = chunk.draw < draws and chunk.first + chunk.count <= replications
        if fits and all(chunk.first >= other.first + other.count for other in kept[chunk.draw]):
            kept[chunk.draw].append(chunk)
    found: list[Chunk] = []
    for draw, there in kept.items():
        reached = 0
        for chunk in (*there, Chunk(draw, replications, 1)):
            while reached < chunk.first:
                end = min(chunk.first, reached - reached % size + size)
                found.append(Chunk(draw, reached, end - reached))
                reached = end
            if chunk.first < replications:
                found.append(chunk)
                reached = chunk.first + chunk.count
    return found


def run_chunks(
    work: Work, chunks: Sequence[Chunk], crew: Crew, keep: Callable[[Chunk, Tables], None]
) -> list[Failure]:
    """Do the chunks.

    Parameters
    ----------
    work : Work
    chunks : sequence of Chunk
    crew : Crew
    keep : callable
        Called in this thread with each chunk and its tables, in the order in which they are done.

    Returns
    -------
    list of Failure
        Chunks that could not be done; all others are.

    Raises
    ------
    UserError
        As soon as a chunk raises one: it is the user's to mend.
    KeyboardInterrupt
        When stopped: chunks under way are given up.
    """
    return _Shift(work, crew, keep).do(chunks)


class _Shift:
    """The course of `run_chunks`."""

    def __init__(self, work: Work, crew: Crew, keep: Callable[[Chunk, Tables], None]) -> None:
        self.work, self.crew, self.keep = work, crew, keep
        self.stop = Event()
        packed = zlib.compress(pickle.dumps(work), 1) if crew.apart else b""
        self.call: Callable[[Chunk], Tables] = (
            functools.partial(_work_apart, packed) if crew.apart else lambda chunk: work(chunk, self.stop.is_set)
        )
        self.waiting: deque[Chunk] = deque()
        self.pending: dict[Future[Tables], Chunk] = {}
        self.tries: Counter[Chunk] = Counter()
        self.failures: list[Failure] = []
        self.executor = crew.hire(None)

    def do(self, chunks: Sequence[Chunk]) -> list[Failure]:
        """Hand out the chunks, a few ahead of what is under way, and take in what is done."""
        self.waiting.extend(chunks)
        try:
            while self.waiting or self.pending:
                suspects = self._hand_out() + self._take_in()
                if suspects:
                    self._find_the_killer(suspects)
            return sorted(self.failures, key=lambda failure: failure.chunk)
        finally:
            self.stop.set()
            self.crew.dismiss(self.executor)

    def _hand_out(self) -> list[Chunk]:
        while self.waiting and len(self.pending) < 2 * self.crew.workers:
            chunk = self.waiting.popleft()
            try:
                self.pending[self.executor.submit(self.call, chunk)] = chunk
            except BrokenExecutor:
                self.waiting.appendleft(chunk)
                return self._all_pending()
        return []

    def _take_in(self) -> list[Chunk]:
        """Keep what is done; return the chunks among which is one that killed its worker."""
        done, _ = wait(self.pending, timeout=0.2, return_when=FIRST_COMPLETED)
        died = False
        for future in sorted(done, key=lambda future: self.pending[future]):
            if self.crew.mortal and isinstance(future.exception(), BrokenExecutor):
                died = True
            else:
                self._settle(self.pending.pop(future), future)
        return self._all_pending() if died else []

    def _all_pending(self) -> list[Chunk]:
        suspects = sorted(self.pending.values())
        self.pending.clear()
        return suspects

    def _settle(self, chunk: Chunk, future: Future[Tables]) -> None:
        """Keep the tables of a chunk; try it again if it failed, or give it up."""
        try:
            tables = future.result()
        except UserError:
            raise
        except CancelledError as error:
            if not self.crew.apart:
                raise
            raise UserError("the workers are gone, and whoever gave them work; all chunks done are kept") from error
        except Exception as error:
            self.tries[chunk] += 1
            if self.tries[chunk] < TRIES and type(error).__name__ != "KilledWorker":
                self.waiting.append(chunk)
            else:
                self._give_up(chunk, error)
            return
        self.keep(chunk, tables)

    def _find_the_killer(self, suspects: list[Chunk]) -> None:
        """Do each chunk that was under way when a worker died alone, so that the one which kills shows itself."""
        self.crew.dismiss(self.executor)
        for chunk in suspects:
            found = self._alone(functools.partial(self.call, chunk))
            if isinstance(found, Exception):
                self._give_up(chunk, found)
            else:
                self.keep(chunk, found)
        self.executor = self.crew.hire(None)

    def _alone(self, call: Callable[[], T]) -> T | Exception:
        """Do something with a worker of its own; return what came out, or what killed or failed it."""
        executor = self.crew.hire(1)
        try:
            return executor.submit(call).result()
        except UserError:
            raise
        except Exception as error:  # whatever it is, it is named and the rest goes on
            return error
        finally:
            self.crew.dismiss(executor)

    def _give_up(self, chunk: Chunk, error: BaseException) -> None:
        """Name a chunk that cannot be done; where workers may die, try its parts alone to name the culprit."""
        said = "it killed its worker" if _is_death(error) else f"{type(error).__name__}: {error}"
        parts = []
        for name, part in self.work.culprits(chunk) if self.crew.mortal else ():
            if isinstance(self._alone(part), Exception):
                parts.append(name)
        self.failures.append(Failure(chunk, said, tuple(parts)))


def _is_death(error: BaseException) -> bool:
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@functools.lru_cache(maxsize=2)
def _unpack(packed: bytes) -> Work:
    """Return work that travelled; a worker does many chunks of it and unpacks it once."""
    work: Work = pickle.loads(zlib.decompress(packed))
    return work


def _work_apart(packed: bytes, chunk: Chunk) -> Tables:
    return _unpack(packed)(chunk, _never)


def _never() -> bool:
    return False
