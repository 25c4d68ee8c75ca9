"""Work shared out among threads, processes and a cluster: every chunk once, the same results, nothing lost."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from fake_work import FakeWork
from hypothesis import given
from hypothesis import strategies as st

from idmaj.sim import UserError
from idmaj.sim.ensemble import Chunk, Crew, chunks_of, cluster, processes, run_chunks, threads

CHUNKS = chunks_of(3, 10)


def done_by(crew, work=None, chunks=CHUNKS):
    """Return what was kept, by chunk, and what failed."""
    kept = {}
    failures = run_chunks(work or FakeWork(), chunks, crew, kept.__setitem__)
    return kept, failures


def same(left, right) -> bool:
    return left.keys() == right.keys() and all(
        left[chunk][name].equals(right[chunk][name]) for chunk in left for name in left[chunk]
    )


# Cutting


@given(draws=st.integers(1, 6), replications=st.integers(1, 40), data=st.data())
def test_every_run_is_in_one_chunk_whatever_is_there_already(draws, replications, data):
    some = st.builds(Chunk, st.integers(0, 6), st.integers(0, 40), st.integers(1, 9))
    have = data.draw(st.lists(some, max_size=6))
    runs = [(chunk.draw, one) for chunk in chunks_of(draws, replications, have) for one in chunk.replications]
    assert runs == [(draw, one) for draw in range(draws) for one in range(replications)]


@given(draws=st.integers(1, 4), few=st.integers(1, 30), more=st.integers(0, 30))
def test_what_is_there_of_a_smaller_plan_stays(draws, few, more):
    have = chunks_of(draws, few)
    assert set(have) <= set(chunks_of(draws + 1, few + more, have))


def test_chunks_grow_where_there_are_very_many_and_lie_within_one_another():
    assert {chunk.count for chunk in chunks_of(2, 8)} == {4}
    large = chunks_of(1, 100_000)
    assert {chunk.count for chunk in large} == {32}
    assert all(chunk.first % 32 == 0 for chunk in large)
    assert max(chunk.count for chunk in chunks_of(1, 1_000_000)) == 64


@pytest.mark.parametrize("numbers", [(-1, 0, 1), (0, -1, 1), (0, 0, 0), (0.0, 0, 1), ("0", 0, 1)])
def test_what_is_no_chunk_is_refused(numbers):
    with pytest.raises(ValueError, match="a chunk"):
        Chunk(*numbers)


# Doing


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_threads_do_every_chunk_once(workers):
    kept, failures = done_by(threads(workers))
    assert sorted(kept) == CHUNKS
    assert failures == []
    assert same(kept, {chunk: FakeWork()(chunk, bool) for chunk in CHUNKS})


def test_any_executor_will_do():
    kept, _ = done_by(Crew(lambda _: ThreadPoolExecutor(2), 2))
    assert sorted(kept) == CHUNKS


def test_no_more_is_handed_out_than_twice_the_workers():
    under_way, most = [], 0

    class Counting(ThreadPoolExecutor):
        def submit(self, *given):
            nonlocal most
            under_way.append(1)
            most = max(most, len(under_way))
            future = super().submit(*given)
            future.add_done_callback(lambda _: under_way.pop())
            return future

    done_by(Crew(lambda _: Counting(2), 2), FakeWork(seconds=0.002), chunks_of(30, 1))
    assert 2 <= most <= 4


def test_a_mistake_of_the_users_ends_it_at_once():
    class Wrong(FakeWork):
        def __call__(self, chunk, stopped):
            raise UserError("months: found nothing")

    with pytest.raises(UserError, match="found nothing"):
        done_by(threads(2), Wrong())


def test_a_chunk_that_fails_once_is_tried_again(tmp_path):
    kept, failures = done_by(threads(2), FakeWork(fails=((1, 5, "b"),), once=tmp_path / "failed"))
    assert sorted(kept) == CHUNKS
    assert failures == []


def test_a_chunk_that_always_fails_is_named_and_the_rest_is_done():
    kept, failures = done_by(threads(2), FakeWork(fails=((1, 5, "b"),)))
    assert sorted(kept) == [chunk for chunk in CHUNKS if chunk != Chunk(1, 4, 4)]
    assert [(failure.chunk, failure.error) for failure in failures] == [
        (Chunk(1, 4, 4), "RuntimeError: no luck with (1, 5, 'b')")
    ]


def test_an_interruption_stops_those_under_way():
    started, seen = [], threading.Event()

    class Slow(FakeWork):
        def __call__(self, chunk, stopped):
            started.append(chunk)
            while not stopped():
                time.sleep(0.001)
            seen.set()
            return {"ends": pd.DataFrame()}

    class Impatient(ThreadPoolExecutor):
        def submit(self, *given):
            if len(started) > 1:
                raise KeyboardInterrupt
            return super().submit(*given)

    with pytest.raises(KeyboardInterrupt):
        done_by(Crew(lambda _: Impatient(2), 50), Slow(), chunks_of(20_000, 1))
    assert seen.wait(5)
    assert len(started) <= 4


# Other processes


def test_processes_give_the_same(tmp_path):
    kept, failures = done_by(processes(2))
    assert same(kept, done_by(threads(1))[0])
    assert failures == []


def test_a_worker_that_dies_costs_its_chunk_a_retry(tmp_path):
    kept, failures = done_by(processes(2), FakeWork(kills=((1, 5, "b"),), once=tmp_path / "killed"))
    assert (tmp_path / "killed").exists()
    assert same(kept, done_by(threads(1))[0])
    assert failures == []


def test_a_chunk_that_kills_its_worker_is_named_with_the_run_that_does_it():
    kept, failures = done_by(processes(2), FakeWork(kills=((1, 5, "b"), (2, 0, "a"))))
    assert sorted(kept) == [chunk for chunk in CHUNKS if chunk not in (Chunk(1, 4, 4), Chunk(2, 0, 4))]
    assert [failure.chunk for failure in failures] == [Chunk(1, 4, 4), Chunk(2, 0, 4)]
    assert {failure.error for failure in failures} == {"it killed its worker"}
    assert [failure.parts for failure in failures] == [("replication 5, b",), ("replication 0, a",)]


def test_a_cluster_that_does_not_answer_is_named():
    with pytest.raises(UserError, match=r"--cluster tcp://127\.0\.0\.1:9: no worker answers within 0\.5 s"):
        cluster("tcp://127.0.0.1:9", answer_seconds=0.5)
    with pytest.raises(UserError, match="no such file"):
        cluster("scheduler.json")
