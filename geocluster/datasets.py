"""What data come along?

The data are looked for inside the package (a wheel), then beside it (a checkout).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from geocluster.errors import PackageDataError


@cache
def data_folder() -> Path:
    """Return the folder of the data that come with the package.

    Raises
    ------
    PackageDataError
        If there is none.

    Examples
    --------
    >>> (data_folder() / "README.md").exists()
    True
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "data", here.parent / "data"):
        if folder.is_dir():
            return folder
    raise PackageDataError(f"no data folder in {here} or beside it. Install geocluster-borders again.")


def data_path(name: str) -> Path:
    """Return the path of one file of these data.

    Raises
    ------
    PackageDataError
        If it is not there.

    Examples
    --------
    >>> data_path("README.md").name
    'README.md'
    """
    path = data_folder() / name
    if not path.exists():
        raise PackageDataError(f"{path} is missing. Install geocluster-borders again.")
    return path
