"""Where do results go, so that nothing is half-written and no two runs mix?"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from geocluster.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FILES = (
    "clusters.csv",
    "circles.csv",
    "conjunctions.csv",
    "stakeholders.csv",
    "set_aside.csv",
    "summary.txt",
    "run.json",
    "map.png",
    "map.pdf",
    "map.svg",
)
"""What every analysis leaves."""
ASKED_FILES = ("fragility.csv", "fragility_grid.csv", "fragility.png", "comparison.csv", "comparison.png")
"""What is left where it was asked for; of an earlier run they are taken away where it was not."""


@contextmanager
def results_folder(folder: str | Path) -> Iterator[Path]:
    """Make the folder, say early when it cannot be written in, and take it away again if the work fails.

    Raises
    ------
    WriteError
        If it is a file, may not be written, or holds a folder of a result's name.

    Examples
    --------
    >>> place = Path(tempfile.mkdtemp()) / "new" / "out"
    >>> with results_folder(place) as out:
    ...     out.is_dir()
    True
    """
    folder = Path(folder)
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        _prepare(folder)
        yield folder
    except BaseException:
        with suppress(OSError):  # one that holds something stays
            for path in made:
                path.rmdir()
        raise


def _prepare(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise WriteError(f"{folder} is a file. Give a folder for the results.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise WriteError(f"{folder} cannot be written in: {error.strerror or error}. Give another folder.") from error
    blocked = [name for name in (*FILES, *ASKED_FILES) if (folder / name).is_dir()]
    if blocked:
        raise WriteError(f"{folder} holds a folder named {', '.join(blocked)}. Give another folder.")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let no other run move its files in meanwhile, where the system can: results of two runs never mix."""
    handle = None
    with suppress(ImportError, OSError):
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


@contextmanager
def written_together(folder: Path, names: Sequence[str], *, stale: Sequence[str] = ()) -> Iterator[Path]:
    """Give a folder to write files in; all of them then take their places at once, or none does.

    Parameters
    ----------
    folder : Path
    names : sequence of str
    stale : sequence of str
        Files of an earlier run that would tell of other results, and go.

    Raises
    ------
    WriteError
        If the folder cannot be written in; what stood there before still stands.
    """
    try:
        beside = Path(tempfile.mkdtemp(prefix=".geocluster-", dir=folder))
        try:
            yield beside
            with alone(folder):
                for name in names:
                    (beside / name).replace(folder / name)
                for name in stale:
                    (folder / name).unlink(missing_ok=True)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        if isinstance(error, WriteError):
            raise
        raise WriteError(f"{folder} cannot be written in: {error.strerror or error}.") from error
