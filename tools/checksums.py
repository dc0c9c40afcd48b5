"""Are the checksums in data/README.md those of the files?

    python tools/checksums.py           # rewrite the table between its two marks
    python tools/checksums.py --check   # exit 1 if the table is not what it would be

Every file in data/ is listed, but the README itself.
"""

from __future__ import annotations

import argparse
import sys
from hashlib import sha256
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
START, END = "<!-- checksums: tools/checksums.py -->", "<!-- end of checksums -->"


def make_table(data: Path) -> str:
    """Make the table of all files: path, bytes, SHA-256."""
    files = sorted(
        (path for path in data.rglob("*") if path.is_file() and path != data / "README.md"),
        key=lambda path: path.relative_to(data).as_posix(),
    )
    rows = [
        f"| {path.relative_to(data).as_posix()} | {path.stat().st_size:,} | `{sha256(path.read_bytes()).hexdigest()}` |"
        for path in files
    ]
    return "\n".join(["| file | bytes | sha256 |", "|---|--:|---|", *rows])


def rewrite(text: str, table: str) -> str:
    """Put the table between the two marks of a text.

    Raises
    ------
    ValueError
        If the text has not one of each, in their order.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end or START in rest or END in after:
        raise ValueError(f"the two marks must stand once each, in this order: {START} {END}")
    return f"{before}{START}\n{table}\n{END}{after}"


def main(arguments: list[str] | None = None, *, data: Path = DATA) -> int:
    """Rewrite the table, or tell whether it is right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the table is not right")
    options = parser.parse_args(arguments)
    readme = data / "README.md"
    try:
        old = readme.read_text("utf-8")
        new = rewrite(old, make_table(data))
    except (OSError, ValueError) as fault:
        print(f"{readme}: {fault}", file=sys.stderr)
        return 2
    if old == new:
        print(f"{readme}: the checksums are right")
        return 0
    if options.check:
        print(f"{readme}: the checksums are not those of the files. Run python tools/checksums.py", file=sys.stderr)
        return 1
    readme.write_text(new, "utf-8")
    print(f"{readme}: checksums written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
