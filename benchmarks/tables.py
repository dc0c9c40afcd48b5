"""Where the benchmarks write their tables: between two marks in a page of docs/."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def write_table(page: str, name: str, lines: list[str]) -> None:
    """Replace what stands between the marks of `name` in a page, or add it at the end."""
    path = DOCS / page
    text = (
        path.read_text(encoding="utf-8")
        if path.exists()
        else f"# {page.removesuffix('.md').replace('_', ' ').capitalize()}\n"
    )
    start, end = f"<!-- benchmark:{name} -->", f"<!-- /benchmark:{name} -->"
    block = "\n".join([start, *lines, end])
    if start in text:
        head, rest = text.split(start, 1)
        text = head + block + rest.split(end, 1)[1]
    else:
        text = text.rstrip() + "\n\n" + block + "\n"
    path.write_text(text, encoding="utf-8")
