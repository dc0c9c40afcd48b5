"""What stands in the cells of a workbook? Run as a process: ``python -m geocluster.readers.workbook FILE [SHEET]``.

Broken and hostile workbooks make the library below panic, hang or ask for
terabytes: here that ends a process, not the analysis.
"""

from __future__ import annotations

import marshal
import sys
from typing import Any

from geocluster.readers.raw import cell_text

_MOST_CELLS = 25_000_000
_MOST_MEMORY = 4 << 30


def read_cells(path: str, sheet: str | None = None) -> tuple[str, list[str], dict[str, list[list[str | None]]]]:
    """Read one sheet or all, as text.

    Returns
    -------
    fault : str
        Empty if all went well.
    names : list of str
        Of all sheets.
    cells : dict of lists of rows
        Empty cells are None; a sheet without a filled cell has no rows.
    """
    from python_calamine import CalamineWorkbook

    names: list[str] = []
    held: dict[str, list[list[str | None]]] = {}
    try:
        book = CalamineWorkbook.from_path(path)
        names = [*book.sheet_names]
        for name in names:
            if sheet is None or name == sheet:
                cells = book.get_sheet_by_name(name)
                if cells.height * cells.width > _MOST_CELLS:
                    return f"the sheet {name!r} reaches over {cells.height * cells.width:,} cells", names, {}
                rows = [[_text(cell) for cell in row] for row in cells.to_python(skip_empty_area=True)]
                held[name] = rows if any(map(any, rows)) else []
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001, a panic of the library is no Exception
        return f"{type(error).__name__}: {error}".splitlines()[0][:300], names, {}
    return "", names, held


def _text(cell: Any) -> str | None:
    return cell_text(cell) or None


def main() -> None:
    """Write what `read_cells` gives, marshalled, to the standard output."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    except (ImportError, ValueError, OSError):
        pass  # not every system has such limits
    sys.stdout.buffer.write(marshal.dumps(read_cells(*sys.argv[1:3])))


if __name__ == "__main__":
    main()
