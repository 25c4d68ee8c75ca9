"""Chunks on disk: what is listed is whole, what was changed is noticed, what cannot be written is said."""

import hashlib
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from fake_work import FakeWork

from idmaj.sim import UserError
from idmaj.sim.ensemble import Chunk
from idmaj.sim.store import Entry, Store, whole_file

CHUNKS = [Chunk(0, 0, 4), Chunk(0, 4, 2), Chunk(1, 0, 4)]


def address(chunk: Chunk) -> str:
    return hashlib.sha256(str(chunk).encode()).hexdigest()


def filled(folder: Path, chunks=CHUNKS) -> Store:
    """Return a store with some chunks."""
    store = Store(folder)
    with store.locked():
        for chunk in chunks:
            store.keep(address(chunk), chunk, FakeWork()(chunk, bool))
    return store


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_kept_is_there_again(tmp_path):
    filled(tmp_path)
    store = Store(tmp_path)
    assert [entry.chunk for entry in store.in_order()] == CHUNKS
    assert all(store.problems(entry) == [] for entry in store.in_order())
    found = store.query(f"SELECT * FROM {store.read_parquet('ends')}").df()
    assert found["replication"].tolist() == [one for chunk in CHUNKS for one in chunk.replications for _ in "ab"]
    assert store.size() > 0


def test_the_same_chunks_are_the_same_bytes_in_whatever_order_they_were_done(tmp_path):
    for name, chunks in (("one", CHUNKS), ("other", CHUNKS[::-1])):
        store = filled(tmp_path / name, chunks)
        store.settle(store.entries[address(chunk)] for chunk in CHUNKS)
    assert content(tmp_path / "one") == content(tmp_path / "other")


def test_a_flipped_bit_anywhere_in_a_chunk_is_noticed(tmp_path):
    store = filled(tmp_path)
    generator = np.random.default_rng(5)
    for entry in store.in_order():
        for table in entry.files:
            path = store.path(entry.address, table)
            whole = path.read_bytes()
            for _ in range(60):
                place, bit = int(generator.integers(len(whole))), int(generator.integers(8))
                path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
                assert "is not what was written" in store.problems(entry)[0]
            path.write_bytes(whole)
            assert store.problems(entry) == []


def test_a_torn_or_missing_file_is_noticed(tmp_path):
    store = filled(tmp_path)
    entry = store.in_order()[0]
    path = store.path(entry.address, "ends")
    path.write_bytes(path.read_bytes()[:-10])
    assert "is not what was written" in store.problems(entry)[0]
    path.unlink()
    assert "cannot be read" in store.problems(entry)[0]


def test_any_flipped_bit_of_the_manifest_takes_a_line_out_or_points_to_nothing(tmp_path):
    filled(tmp_path)
    path = tmp_path / "manifest.jsonl"
    whole = path.read_bytes()
    known = {entry.line() for entry in Store(tmp_path).in_order()}
    generator = np.random.default_rng(6)
    for _ in range(300):
        place, bit = int(generator.integers(len(whole))), int(generator.integers(8))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        store = Store(tmp_path)
        strange = [entry for entry in store.in_order() if entry.line() not in known]
        lost = known - {entry.line() for entry in store.in_order()}
        assert lost
        # What still reads as a line says other files, other hashes, or a chunk whose address is not that of its place.
        assert all(store.problems(entry) or address(entry.chunk) != entry.address for entry in strange)


def test_a_last_line_that_was_cut_off_is_as_if_it_were_not_there(tmp_path):
    filled(tmp_path)
    path = tmp_path / "manifest.jsonl"
    whole = path.read_bytes()
    for end in range(len(whole) - 80, len(whole)):
        path.write_bytes(whole[:end])
        store = Store(tmp_path)
        assert [entry.chunk for entry in store.in_order()] in (CHUNKS[:2], CHUNKS)
        assert store.damaged == []
    with store.locked():
        store.keep(address(CHUNKS[2]), CHUNKS[2], FakeWork()(CHUNKS[2], bool))
    assert [entry.chunk for entry in Store(tmp_path).in_order()] == CHUNKS


@pytest.mark.parametrize("line", ["{}", "[1, 2]", '"x"', "\x00\x00", '{"address": 1, "chunk": [0, 0], "files": {}}'])
def test_a_line_that_says_nothing_is_named(tmp_path, line):
    filled(tmp_path)
    path = tmp_path / "manifest.jsonl"
    path.write_text(line + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    store = Store(tmp_path)
    assert len(store.entries) == 3
    assert store.damaged == [f"{path}, line 1: damaged"]


def test_a_manifest_cannot_point_outside_the_store(tmp_path):
    line = Entry("a" * 64, CHUNKS[0], {"../../secret": "b" * 64}).line()
    (tmp_path / "manifest.jsonl").write_text(line, encoding="utf-8")
    assert Store(tmp_path).entries == {}


def test_settling_removes_what_does_not_belong(tmp_path):
    store = filled(tmp_path)
    (tmp_path / "chunks" / ".half.parquet.tmp").write_bytes(b"half")
    (tmp_path / "chunks" / "unlisted-ends.parquet").write_bytes(b"x")
    store.settle([store.entries[address(CHUNKS[0])]])
    assert sorted(path.name for path in (tmp_path / "chunks").iterdir()) == sorted(
        f"{address(CHUNKS[0])[:32]}-{table}.parquet" for table in ("ends", "odds")
    )
    assert [entry.chunk for entry in Store(tmp_path).in_order()] == CHUNKS[:1]


def test_joined_chunks_are_those_of_one(tmp_path):
    store = filled(tmp_path)
    whole = Chunk(0, 0, 6)
    joined = store.joined([store.entries[address(chunk)] for chunk in CHUNKS[:2]], whole)
    other = Store(tmp_path / "other")
    other.keep("c" * 64, whole, joined)
    at_once = Store(tmp_path / "at_once")
    at_once.keep("c" * 64, whole, FakeWork()(whole, bool))
    assert content(tmp_path / "other") == content(tmp_path / "at_once")


def test_a_second_process_is_kept_out(tmp_path):
    store = filled(tmp_path)
    locking = f"with Store(pathlib.Path({str(tmp_path)!r})).locked(): pass"
    script = f"import pathlib\nfrom idmaj.sim.store import Store\n{locking}"
    with store.locked():
        second = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "another process is working on this study" in second.stderr
    free = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert free.returncode == 0, free.stderr


def _without_rights() -> None:
    """Become a user who may not write here; root always may."""
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)


def _almost_full_disk() -> None:
    """Let files grow to 3,000 bytes only: what a full disk is to a writer."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


@pytest.mark.parametrize("limit", [_without_rights, _almost_full_disk])
def test_a_disk_that_takes_no_more_is_a_clear_error_that_keeps_what_is_there(tmp_path, limit):
    store = filled(tmp_path)
    store.settle(store.entries[address(chunk)] for chunk in CHUNKS)
    before = content(tmp_path)
    os.chmod(tmp_path, 0o555)
    script = textwrap.dedent(
        f"""
        import os, pathlib, sys
        import duckdb, filelock, pandas as pd
        import test_store
        from idmaj.sim import UserError
        from idmaj.sim.ensemble import Chunk
        from idmaj.sim.store import Store
        store = Store(pathlib.Path({str(tmp_path)!r}))
        rows = pd.DataFrame({{"replication": range(5000), "value": [hash((i, 3)) / 7 for i in range(5000)]}})
        list(store.query("SELECT 1").fetchall())
        test_store.{limit.__name__}()
        try:
            with store.locked():
                store.keep("d" * 64, Chunk(3, 0, 1), {{"ends": rows}})
        except UserError as error:
            sys.exit(str(error))
        """
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)])}
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, env=env)
    os.chmod(tmp_path, 0o755)
    assert found.returncode == 1
    assert "cannot be written" in found.stderr, found.stderr
    assert "Traceback" not in found.stderr
    assert content(tmp_path) == before


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    whole_file(tmp_path / "a.json", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match="No space left on device"):
        whole_file(tmp_path / "a.json", b"new")
    assert content(tmp_path) == {"a.json": b"old"}


def test_what_is_no_manifest_is_an_error(tmp_path):
    (tmp_path / "manifest.jsonl").mkdir()
    with pytest.raises(UserError, match="cannot be read"):
        Store(tmp_path)


def test_a_line_is_json(tmp_path):
    store = filled(tmp_path)
    for line in store.manifest.read_text(encoding="utf-8").splitlines():
        assert json.loads(line).keys() == {"address", "chunk", "files"}


def test_a_long_query_draws_no_bar_into_what_is_printed(tmp_path):
    assert Store(tmp_path).query("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)
