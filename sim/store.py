"""Results of many runs on disk: chunks of Parquet tables, each file known by the sha256 of its bytes.

A store is a folder:

    manifest.jsonl                     a line for every chunk that is done, with the sha256 of its files
    chunks/<address>-<table>.parquet   its tables

A chunk's files get their names by an atomic rename and only then its line is added, all of it flushed to the disk.
So a process may be killed at any moment: what is listed is whole, and what is not listed counts as not there.
Nothing is taken on trust: Parquet itself does not notice most flipped bits, the hashes do.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ensemble import Chunk
from .errors import UserError, worded

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

MANIFEST = "manifest.jsonl"
CHUNKS = "chunks"
LOCK = ".lock"
PARTS = (MANIFEST, CHUNKS, LOCK)
"""What a store keeps in its folder."""

_TABLE = re.compile(r"[a-z_]+\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Entry:
    """A chunk that is done.

    Attributes
    ----------
    address : str
        sha256 of everything its content follows from; names its files.
    chunk : Chunk
        Where it stands.
    files : mapping of str to str
        Per table, the sha256 of its file.
    """

    address: str
    chunk: Chunk
    files: Mapping[str, str]

    def line(self) -> str:
        """Return its line in the manifest."""
        place = [self.chunk.draw, self.chunk.first, self.chunk.count]
        about = {"address": self.address, "chunk": place, "files": dict(sorted(self.files.items()))}
        return json.dumps(about, separators=(",", ":")) + "\n"


class Store:
    """Chunks of results in a folder.

    Parameters
    ----------
    folder : Path
        Need not exist yet.

    Attributes
    ----------
    entries : dict of Entry
        By address, what the manifest lists; whether the files hold it `problems` tells.
    damaged : list of str
        Lines of the manifest that say nothing, in words; a last line that was cut off is none of them.

    Raises
    ------
    UserError
        If the manifest cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = folder / MANIFEST
        self.entries: dict[str, Entry] = {}
        self.damaged: list[str] = []
        self._read()

    def _read(self) -> None:
        try:
            text = self.manifest.read_bytes().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise UserError("{manifest}: cannot be read ({why})", manifest=self.manifest, why=error.strerror) from error
        for number, line in enumerate(text.splitlines(keepends=True), start=1):
            entry = _entry(line)
            if entry is not None:
                self.entries[entry.address] = entry
            elif line.endswith("\n"):
                self.damaged.append(worded("{file}, line {line}: damaged", file=self.manifest, line=number))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from writing here meanwhile.

        Raises
        ------
        UserError
            If another process is writing, or nothing can be written.
        """
        from filelock import FileLock, Timeout

        with written(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / LOCK, timeout=0)
            try:
                lock.acquire()
            except Timeout as error:
                hint = worded("wait until it has ended, or choose another folder")
                raise UserError(
                    "{folder}: another process is working on this study; {hint}", folder=self.folder, hint=hint
                ) from error
        try:
            self.entries.clear()
            self.damaged.clear()
            self._read()
            yield
        finally:
            lock.release()

    def keep(self, address: str, chunk: Chunk, tables: Mapping[str, pd.DataFrame]) -> None:
        """Write the tables of a chunk, then its line in the manifest; both are on the disk when this returns.

        Raises
        ------
        UserError
            If it cannot be written (a full disk, a folder that may only be read): what was there is kept.
        """
        self.list_as_done(self.write(address, chunk, tables))

    def write(self, address: str, chunk: Chunk, tables: Mapping[str, pd.DataFrame]) -> Entry:
        """Write the tables of a chunk without listing it yet; return its entry."""
        folder = self.folder / CHUNKS
        with written(self.folder):
            folder.mkdir(parents=True, exist_ok=True)
            files = {table: self._write(rows, self.path(address, table)) for table, rows in tables.items()}
            _flush_folder(folder)
        return Entry(address, chunk, files)

    def list_as_done(self, entry: Entry) -> None:
        """Add a chunk whose files are in place to the manifest."""
        line = entry.line().encode()
        with written(self.folder), self.manifest.open("a+b") as file:
            end = file.seek(0, os.SEEK_END)
            if end and not self._ends_whole(file, end):
                line = b"\n" + line
            try:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
        self.entries[entry.address] = entry

    @staticmethod
    def _ends_whole(file: Any, end: int) -> bool:
        """Say whether the last line was written to its end."""
        file.seek(end - 1)
        return bool(file.read(1) == b"\n")

    def _write(self, rows: pd.DataFrame, path: Path) -> str:
        """Write a table whole or not at all; return the sha256 of its file."""
        unfinished = path.with_name(f".{path.name}.tmp")
        self._duck.register("rows_of_the_chunk", rows)
        try:
            self._duck.execute(
                f"COPY (SELECT {_typed(rows)} FROM rows_of_the_chunk) TO {sql_text(unfinished)} "
                "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, USE_TMP_FILE false)"
            )
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.replace(unfinished, path)
        finally:
            self._duck.unregister("rows_of_the_chunk")
            unfinished.unlink(missing_ok=True)
        return digest

    def problems(self, entry: Entry) -> list[str]:
        """Return what is wrong with the files of a chunk, in words; nothing where they are as they were written."""
        found = []
        for table, known in entry.files.items():
            path = self.path(entry.address, table)
            try:
                digest = sha256_of(path)
            except OSError as error:
                found.append(worded("{path}: cannot be read ({why})", path=path, why=error.strerror))
                continue
            if digest != known:
                said = worded(
                    "its content is not what was written (sha256 {now}, not {then})", now=digest[:12], then=known[:12]
                )
                found.append(worded("{place}: {what}", place=path, what=said))
        return found

    def settle(self, wanted: Iterable[Entry]) -> None:
        """List the chunks of a plan, these and no others, in its order and in one step; then remove all other files.

        Two studies with the same chunks then are the same bytes, in whatever order the chunks were done.
        """
        kept = sorted(wanted, key=lambda entry: entry.chunk)
        whole_file(self.manifest, "".join(entry.line() for entry in kept).encode())
        self.entries = {entry.address: entry for entry in kept}
        self.damaged.clear()
        listed = {self.path(entry.address, table) for entry in kept for table in entry.files}
        for path in (self.folder / CHUNKS).iterdir() if (self.folder / CHUNKS).is_dir() else ():
            if path not in listed and path.is_file():
                path.unlink()

    def adopt(self, other: Store, entry: Entry) -> None:
        """Take over a chunk of another store, its files checked."""
        found = other.problems(entry)
        if found:
            raise UserError(found[0])
        with written(self.folder):
            (self.folder / CHUNKS).mkdir(parents=True, exist_ok=True)
            for table in entry.files:
                whole_file(self.path(entry.address, table), other.path(entry.address, table).read_bytes())
        self.list_as_done(entry)

    def joined(self, entries: Iterable[Entry], chunk: Chunk) -> dict[str, pd.DataFrame]:
        """Return the tables of a chunk whose runs are in other chunks; they have columns ``draw, replication``."""
        parts = sorted(entries, key=lambda entry: entry.chunk)
        where = f"replication BETWEEN {chunk.first} AND {chunk.first + chunk.count - 1}"
        found = {}
        for table in parts[0].files:
            rows = reading(self.path(entry.address, table) for entry in parts)
            found[table] = self.query(f"SELECT * FROM {rows} WHERE {where}").df()
        return found

    def in_order(self) -> list[Entry]:
        """Return the chunks in the order of draw and replication."""
        return sorted(self.entries.values(), key=lambda entry: entry.chunk)

    def files(self, table: str) -> list[Path]:
        """Return the files of a table, in the order of draw and replication."""
        return [self.path(entry.address, table) for entry in self.in_order() if table in entry.files]

    def sha256(self) -> str:
        """Return the sha256 of the manifest, which holds those of all files; empty where there is none."""
        return sha256_of(self.manifest) if self.manifest.is_file() else ""

    def size(self) -> int:
        """Return how many bytes the chunks take."""
        return sum(path.stat().st_size for path in (self.folder / CHUNKS).glob("*.parquet"))

    def query(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run SQL over the files (see `read_parquet`), one thread, in the order of the rows."""
        return self._duck.execute(sql)

    def read_parquet(self, table: str) -> str:
        """Return the SQL that reads all rows of a table, in the order of draw and replication."""
        return reading(self.files(table))

    @cached_property
    def _duck(self) -> duckdb.DuckDBPyConnection:
        """A database in memory: the files are its tables. One thread, so that the order of rows is kept."""
        import duckdb

        spill = tempfile.gettempdir()
        duck = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "512MB", "temp_directory": spill})
        # A query of some seconds would otherwise draw a bar into what the command prints; in a notebook without
        # ipywidgets there is no bar to turn off.
        with suppress(duckdb.Error):
            duck.execute("SET enable_progress_bar = false")
        return duck

    def path(self, address: str, table: str) -> Path:
        """Return where a table of a chunk is."""
        return self.folder / CHUNKS / f"{address[:32]}-{table}.parquet"


def _entry(line: str) -> Entry | None:
    """Read a line of a manifest; None if it is not one, whatever stands there."""
    try:
        about = json.loads(line)
        draw, first, count = about["chunk"]
        files = dict(about["files"])
        entry = Entry(str(about["address"]), Chunk(draw, first, count), files)
        usable = _SHA256.match(entry.address) and all(_TABLE.match(name) for name in files) and files
        return entry if usable and entry.line().rstrip("\n") == line.rstrip("\n") else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _typed(rows: pd.DataFrame) -> str:
    """Return the columns of a table as SQL, texts declared as such: of an empty column nothing else tells."""
    texts = {name for name in rows.columns if rows[name].dtype.kind not in "iufb"}
    return ", ".join(f'CAST("{name}" AS VARCHAR) AS "{name}"' if name in texts else f'"{name}"' for name in rows)


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def reading(files: Iterable[Path]) -> str:
    """Return the SQL that reads all rows of some Parquet files, in their order.

    A folder may have any name: DuckDB would read ``*`` as a pattern, and make a column of ``seed=9``.
    """
    names = (sql_text(glob.escape(str(file))) for file in files)
    return f"read_parquet([{', '.join(names)}], hive_partitioning = false)"


def sql_text(text: str | Path) -> str:
    """Return a text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def whole_file(path: Path, content: bytes) -> None:
    """Write a file in one step that survives a loss of power: it is never seen half-written.

    Raises
    ------
    UserError
        If it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.tmp")
    with written(path):
        try:
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
            _flush_folder(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make new names in a folder survive a loss of power, where the system knows how (Windows does not)."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Turn what the disk says into a clear error; what is there stays."""
    from duckdb import IOException

    try:
        yield
    except (OSError, IOException) as error:
        said = (getattr(error, "strerror", None) or str(error)).strip()
        raise UserError(
            "{path}: cannot be written ({said}); what was there before is kept", path=path, said=said
        ) from error
