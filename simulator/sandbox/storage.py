"""State that survives: one SQLite file, written behind the handlers' backs.

Tables note each row they change; here the notes become one transaction. Committed before the
answer (durable), nothing acknowledged is lost when the process is killed; written behind, the last
moments may be. A loss of power can take the last commits either way: the disk is not waited for.
"""

import sqlite3
from pathlib import Path

import msgspec

from simulator.errors import UnavailableError
from simulator.sandbox.continuing import go_on
from simulator.sandbox.tables import Changes
from simulator.sandbox.tenants import Tenants

_VERSION = 1
_AT_MOST_BEHIND = 10_000  # changed rows
_SCHEMA = """
CREATE TABLE IF NOT EXISTS row (
    client TEXT NOT NULL, kind TEXT NOT NULL, id NOT NULL, body BLOB NOT NULL,
    UNIQUE (client, kind, id)
);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
_PUT = (
    "INSERT INTO row VALUES (?, ?, ?, ?) "
    "ON CONFLICT (client, kind, id) DO UPDATE SET body = excluded.body"
)
_DROP = "DELETE FROM row WHERE client = ? AND kind = ? AND id = ?"
_ENCODE = msgspec.msgpack.Encoder().encode


class StorageError(UnavailableError):
    """The file of the state cannot be used: `path` and `reason`."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The sandbox cannot keep its state in {path}: {reason}. "
            "Name another file with --db, or leave it out to keep the state in memory."
        )
        self.path = path
        self.reason = reason


class Storage:
    """The file; `changes` collects what is to be written next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.changes: Changes = {}
        try:
            self._db = _open(path)
        except sqlite3.Error as error:
            raise StorageError(path, str(error)) from error

    def signing_key(self, otherwise: bytes) -> bytes:
        """Return the key that tokens of this file are signed with, kept at first use."""
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('key', ?)", (otherwise,))
        found: tuple[bytes] = self._db.execute(
            "SELECT value FROM meta WHERE name = 'key'"
        ).fetchone()
        return found[0]

    def restore(self, tenants: Tenants) -> None:
        """Bring back every tenant of the file."""
        rows = self._db.execute("SELECT client, kind, id, body FROM row ORDER BY rowid")
        for client_id, kind, _, body in rows:
            tenant = tenants.get(client_id) or tenants.restore(client_id)
            tenant.tables[kind].load_row(body)
        self.changes.clear()
        for tenant in tenants:
            go_on(tenant)

    @property
    def is_behind(self) -> bool:
        """Return whether so many changes wait that they should be written."""
        return len(self.changes) >= _AT_MOST_BEHIND

    def write(self) -> None:
        """Commit all changes so far."""
        if self.changes:
            self.write_batch(self.take())

    def take(self) -> Changes:
        """Return the changes so far and begin anew; `write_batch` may then run in a thread."""
        batch = dict(self.changes)
        self.changes.clear()
        return batch

    def write_batch(self, batch: Changes) -> None:
        """Commit some changes."""
        gone = [key for key, row in batch.items() if row is None]
        kept = [(*key, _ENCODE(row)) for key, row in batch.items() if row is not None]
        try:
            with self._db:
                self._db.executemany(_DROP, gone)
                self._db.executemany(_PUT, kept)
        except sqlite3.Error as error:
            for key, row in batch.items():
                self.changes.setdefault(key, row)
            raise StorageError(self.path, str(error)) from error

    def close(self) -> None:
        """Commit what is left and close the file."""
        self.write()
        self._db.close()


def _open(path: Path) -> sqlite3.Connection:
    """Open the file for ourselves alone: two sandboxes on one state would spoil it."""
    db = sqlite3.connect(path, timeout=0.5, check_same_thread=False)
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version not in (0, _VERSION):
        db.close()
        message = f"it is of version {version}, this aurasim reads {_VERSION}"
        raise sqlite3.DatabaseError(message)
    db.executescript(_SCHEMA)
    db.execute(f"PRAGMA user_version = {_VERSION}")
    db.commit()
    return db
