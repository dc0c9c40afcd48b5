"""Which faults can there be, and how is each one told?

Every error of the package is a `GeoclusterError`; each is also the builtin one
expects. An error of a table lists all its faults at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where, what, and how to mend it.

    Examples
    --------
    >>> print(Fault("country", "there is no such column.", "Run assign_countries(table)."))
    country: there is no such column. Run assign_countries(table).
    """

    column: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.column}: {self.problem} {self.mend}".rstrip()


class GeoclusterError(Exception):
    """The trunk of the tree of errors."""


class OptionError(GeoclusterError, ValueError):
    """An option, or several together, cannot be used."""


class SchemaError(GeoclusterError, ValueError):
    """A table does not hold what its stage promises.

    Parameters
    ----------
    what : str
        What the table is not, e.g. "the table is not yet 'assigned'".
    faults : sequence of Fault
        All of them.
    """

    def __init__(self, what: str, faults: Sequence[Fault] = ()) -> None:
        self.faults = tuple(faults)
        count = f": {len(self.faults)} fault{'s' if len(self.faults) > 1 else ''}" if self.faults else ""
        super().__init__("\n  ".join([what + count, *map(str, self.faults)]))


class ReadError(GeoclusterError, ValueError):
    """A file cannot be read as a table."""


class MissingFileError(ReadError, FileNotFoundError):
    """There is no such file."""


class WriteError(GeoclusterError, OSError):
    """A result cannot be written where it was told."""


class PackageDataError(GeoclusterError, RuntimeError):
    """Data that come with the package are missing or broken."""


class GraphSizeError(GeoclusterError, MemoryError):
    """A graph would hold more edges than memory."""


class GeoclusterWarning(UserWarning):
    """Something a reader of the result should know."""
