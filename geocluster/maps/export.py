"""How is a figure written, the same bytes each time and never half of them?"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from geocluster.errors import OptionError, WriteError
from geocluster.style import parameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".pdf", ".svg")


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure as PNG (300 dpi), PDF or SVG (text as text).

    Parameters
    ----------
    figure : Figure
        Its `alt_text`, if it has one, goes with it: PNG Description, SVG title and desc, PDF Subject.
    path : path-like
        Its suffix tells the form.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    OptionError
        If the suffix is none of .png, .pdf, .svg.
    WriteError
        If it cannot be written there; what stood there before is still there.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_figure(Figure(figsize=(1, 1)), Path(folder) / "empty.svg").name
    'empty.svg'
    """
    import matplotlib as mpl

    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise OptionError(
            f"{target.name}: a figure is written as .png, .pdf or .svg, not {suffix or 'without suffix'!r}."
        )
    alt, title = str(getattr(figure, "alt_text", "")), str(getattr(figure, "title_text", ""))
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with mpl.rc_context(parameters()):
            figure.savefig(beside, format=suffix[1:], dpi=300, metadata=_metadata(suffix, title, alt))
        if suffix == ".svg":
            _describe_svg(beside, title, alt)
        beside.replace(target)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise WriteError(
            f"cannot write {target}: {fault.strerror or fault}. Choose a folder that can be written."
        ) from fault
    return target


def _metadata(suffix: str, title: str, alt: str) -> dict[str, str | None]:
    """Say what the figure is, without a date."""
    if suffix == ".png":
        return {"Title": title, "Description": alt, "Software": "geocluster"}
    if suffix == ".pdf":
        return {"Title": title, "Subject": alt, "Creator": "geocluster", "Producer": None, "CreationDate": None}
    return {"Title": title, "Description": alt, "Creator": "geocluster", "Date": None}


def _describe_svg(path: Path, title: str, alt: str) -> None:
    """Add title, desc and role to an SVG, where screen readers look."""
    words = path.read_text(encoding="utf-8")
    start = words.index("<svg ")
    end = words.index(">", start)
    head = words[start:end] + ' role="img" aria-labelledby="map-title map-desc">'
    said = f'\n <title id="map-title">{escape(title)}</title>\n <desc id="map-desc">{escape(alt)}</desc>'
    body = words[end + 1 :]
    own = f"<title>{escape(title)}</title>"
    body = body.replace(own, "", 1) if title and own in body[:600] else body
    path.write_text(words[:start] + head + said + body, encoding="utf-8", newline="\n")
