"""What has a service answered before?

An SQLite file: each answer is written at once and as a whole, so that a killed
run loses none, and several processes can share it.
"""

from __future__ import annotations

import sqlite3
import time
import warnings
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geocluster.errors import GeoclusterWarning, OptionError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

HIT_DAYS, MISS_DAYS = 365, 30
"""How long answers are good."""
FILE_NAME = "geocoding.sqlite"
APPLICATION_ID = 0x67656F63
"""By this SQLite knows whose file it is: "geoc"."""
FORMAT = 1
BUSY_S = 30.0
"""How long one waits for another process to finish writing."""
_DAY_S = 86_400.0


class AnswerCache:
    """Remembers the answers of services.

    Parameters
    ----------
    path : path
        The file, or a folder for it; both are made if they are not there.

    Raises
    ------
    OptionError
        If it cannot be made, is corrupt, or belongs to another program.

    Warns
    -----
    GeoclusterWarning
        Once, when answers can no longer be written; the work goes on without.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, AnswerCache(folder).opened() as cache:
    ...     cache.put("service", "Basel", "[7.59, 47.56]", hit=True)
    ...     cache.get("service", "Basel")
    '[7.59, 47.56]'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self.path.is_dir():
            self.path /= FILE_NAME
        self._connection: sqlite3.Connection | None = None
        self._writes = True
        self._prepare()

    def _prepare(self) -> None:
        """Make the file, or look whether it is ours and whole."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                self._set_up(connection)
                whose = connection.execute("PRAGMA application_id").fetchone()[0]
                found = connection.execute("PRAGMA user_version").fetchone()[0]
                whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except (OSError, sqlite3.OperationalError) as fault:
            mend = "Give another path with remember_in"
            raise OptionError(f"remember_in: {self.path} cannot be opened: {fault}. {mend}.") from fault
        except sqlite3.DatabaseError as fault:
            raise self._corrupt(str(fault)) from fault
        if (whose, found) != (APPLICATION_ID, FORMAT):
            mend = "Give another path with remember_in"
            raise OptionError(f"remember_in: {self.path} is no file of answers of this version. {mend}.")
        if whole != "ok":
            raise self._corrupt(whole)

    def _corrupt(self, fault: str) -> OptionError:
        mend = "Delete it, and its answers are asked for again, or give another path with remember_in"
        return OptionError(f"remember_in: {self.path} is corrupt: {' '.join(fault.split())}. {mend}.")

    def _connect(self) -> sqlite3.Connection:
        """Connect; SQLite itself reads on where a file cannot be written."""
        return sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)

    def _set_up(self, connection: sqlite3.Connection) -> None:
        """Make the table in a new file, in one step; leave the file of another program alone."""
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            connection.execute(
                "CREATE TABLE answers (provider TEXT NOT NULL, query TEXT NOT NULL, asked REAL NOT NULL, "
                "hit INTEGER NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (provider, query)) WITHOUT ROWID"
            )
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")

    def _lose(self, why: str) -> None:
        """Say that answers are no longer written."""
        if self._writes:
            self._writes = False
            told = f"answers are not remembered in {self.path}: {why}. The work goes on without."
            warnings.warn(told, GeoclusterWarning, stacklevel=2)

    @contextmanager
    def opened(self) -> Iterator[AnswerCache]:
        """Hold the file open for a while."""
        try:
            self._connection = self._connect()
            self._connection.execute("SELECT count(*) FROM answers")
        except sqlite3.Error as fault:
            self._lose(str(fault))
        try:
            yield self
        finally:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def get(self, provider: str, query: str) -> str | None:
        """Give an answer that is not too old; None if there is none."""
        if self._connection is None:
            return None
        wanted = "SELECT asked, hit, answer FROM answers WHERE provider = ? AND query = ?"
        try:
            row = self._connection.execute(wanted, (provider, query)).fetchone()
        except sqlite3.Error as fault:
            self._lose(str(fault))
            return None
        if row is None or not isinstance(row[0], float) or not isinstance(row[2], str):
            return None
        age_days = (time.time() - row[0]) / _DAY_S
        # an answer from tomorrow was written under another clock
        return row[2] if -1 <= age_days < (HIT_DAYS if row[1] else MISS_DAYS) else None

    def put(self, provider: str, query: str, answer: str, *, hit: bool) -> None:
        """Write an answer, or nothing of it."""
        if self._connection is None or not self._writes:
            return
        row = (provider, query, time.time(), int(hit), answer)
        try:
            self._connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", row)
        except sqlite3.Error as fault:
            self._lose(str(fault))
