"""When may a service be asked again?

One call at a time on a machine: a lock file says when the next may be made, so
that several processes together keep the pause that a service asks for.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_WAIT_S = 120.0
"""Who is told to wait longer does not wait, but comes back another day."""
NONSENSE_S = 7 * 86_400.0
"""A lock file that asks for more was written under another clock."""


class TooLongError(Exception):
    """The service asks for more patience than one has.

    Parameters
    ----------
    seconds : float
        What it asks for.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"it asks to wait {seconds:.0f} s")


class Pace:
    """Keeps a pause between the calls of a service, on all of a machine.

    Parameters
    ----------
    service : str
        Calls of services of other names do not wait for each other.
    pause_s : float
        Seconds from the end of a call to the start of the next.

    Examples
    --------
    >>> pace = Pace("example", 0.0)
    >>> with pace.turn():
    ...     pass
    """

    def __init__(self, service: str, pause_s: float) -> None:
        self.pause_s = pause_s
        self._hold_s = 0.0
        self._next = 0.0
        self.path = Path(tempfile.gettempdir()) / f"geocluster-{sha256(service.encode()).hexdigest()[:16]}.lock"

    def hold(self, seconds: float) -> None:
        """Let nobody call for longer than the pause; to be said within a turn."""
        self._hold_s = max(self._hold_s, seconds)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and keep all others waiting meanwhile.

        Raises
        ------
        TooLongError
            If the service asked for a pause longer than `LONGEST_WAIT_S`.
        """
        file = self._open()
        try:
            if file is not None:
                _lock(file)
            wait = max(self._next, self._read(file)) - time.time()
            if LONGEST_WAIT_S < wait < NONSENSE_S:
                raise TooLongError(wait)
            if 0 < wait < NONSENSE_S:
                time.sleep(wait)
            self._hold_s = 0.0
            self._write(file, time.time() + self.pause_s)  # who is killed in the call has made it
            try:
                yield
            finally:
                self._write(file, time.time() + max(self.pause_s, self._hold_s))
        finally:
            if file is not None:
                os.close(file)

    def _open(self) -> int | None:
        """Open the lock file; without one, a process keeps the pause by itself."""
        flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
        with suppress(OSError):
            return os.open(self.path, flags)
        with suppress(OSError):
            file = os.open(self.path, flags | os.O_CREAT, 0o666)
            with suppress(OSError, AttributeError):
                os.fchmod(file, 0o666)  # other users of the machine wait too
            return file
        return None

    def _read(self, file: int | None) -> float:
        if file is None:
            return 0.0
        with suppress(OSError, ValueError):
            os.lseek(file, 0, os.SEEK_SET)
            return float(os.read(file, 64))
        return 0.0

    def _write(self, file: int | None, moment: float) -> None:
        self._next = moment
        if file is not None:
            with suppress(OSError):
                os.lseek(file, 0, os.SEEK_SET)
                os.write(file, f"{moment:020.6f}".encode())


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(file: int) -> None:
        while True:
            with suppress(OSError):
                os.lseek(file, 1024, os.SEEK_SET)
                msvcrt.locking(file, msvcrt.LK_LOCK, 1)
                return
else:
    import fcntl

    def _lock(file: int) -> None:
        with suppress(OSError):  # some file systems have no locks
            fcntl.flock(file, fcntl.LOCK_EX)
