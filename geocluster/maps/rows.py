"""Which rows has the table, and which of them find room?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geocluster.maps.page import clean, join, width_mm, wrap
from geocluster.maps.telling import say_interval, say_notes
from geocluster.style import TYPE_PT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pandas import DataFrame

HEADER_MM = 7.4
GROUP_MM = 4.4
LINE_MM = 3.35
NATIONAL_MM = 4.15
FURTHER_MM = 3.9
NAME_AT, N_AT, COUNTRIES_AT = 5.7, 36.4, 38.6
P_WIDTH = 10.8
SIDE_MM = 74.2
"""How wide the table is beside a map."""

LOOKS = {
    "spans": "spans",
    "spans per head": "spans",
    "spans beyond city size": "spans",
    "spans against the controls": "spans",
    "spans on a flat background": "spans",
    "in two countries, spanning not shown": "not_shown",
    "in several countries, spanning not shown": "not_shown",
    "in one country": "national",
}
GROUPS = ("spans", "not_shown", "national")


@dataclass(frozen=True, slots=True)
class Row:
    """A cluster as the table shows it."""

    label: int
    badge: str
    look: str
    name: str
    n: int
    countries: tuple[str, ...]
    counts: tuple[str, ...]
    dependence: str
    chain: bool
    p: tuple[float, ...]
    verdict: str
    compact: bool = False
    """In one line."""
    extra: float = 0.0
    """Further room for its name, mm."""
    interval: str = ""
    """Its border dependence in figures: right of the counts if there is room, else a line of its own."""
    notes: tuple[str, ...] = ()
    """What else is said of it, a line each."""

    @property
    def short(self) -> bool:
        """Whether its name takes one line."""
        return self.compact or self.look == "national"

    def lines(self) -> list[str]:
        """Break its name to the column."""
        bold = "normal" if self.look == "national" else "bold"
        limit = N_AT + self.extra - NAME_AT - 5.5
        return wrap(self.name, limit, TYPE_PT["table"], weight=bold, lines=1 if self.short else 3)

    def height(self) -> float:
        """Room it needs, mm."""
        if self.compact:
            return NATIONAL_MM
        if self.short:
            return NATIONAL_MM + len(self.notes) * LINE_MM
        return (len(self.lines()) + 1 + len(self.further_lines())) * LINE_MM + 0.55

    def further_lines(self) -> list[str]:
        """Give what stands below the line of the counts."""
        return [*([self.interval] if self.interval and not self.beside() else []), *self.notes]

    def beside(self) -> bool:
        """Whether the interval fits right of the counts."""
        size = TYPE_PT["table_small"]
        wide = width_mm(join(self.counts[:4]), size) + width_mm(self.interval, size)
        return bool(self.interval) and wide + 2.0 <= SIDE_MM - COUNTRIES_AT


def look_of(verdict: object) -> str:
    """Tell how a verdict is drawn; only the test's own word makes it 'spans'."""
    return LOOKS.get(str(verdict), "not_shown")


def heading(look: str, rows: Sequence[Row], what: str = "group") -> str:
    """Give the key of the words for a look: of two countries, or of several where one lies in more."""
    many = look == "not_shown" and any(row.look == look and len(row.countries) > 2 for row in rows)
    return f"{what}_{look}_many" if many else f"{what}_{look}"


def column_ends(x1: float, count: int) -> list[float]:
    """Give where the columns of p end: they are set right."""
    return [x1 - P_WIDTH * (count - 1 - i) for i in range(count)]


def letters(count: int) -> str:
    """Give the letter of a national cluster.

    Examples
    --------
    >>> letters(0), letters(25), letters(26)
    ('a', 'z', 'aa')
    """
    word = ""
    count += 1
    while count:
        count, rest = divmod(count - 1, 26)
        word = chr(97 + rest) + word
    return word


def p_columns(clusters: DataFrame) -> list[str]:
    """Which columns of p does the table have?"""
    for alone in ("p_controls", "p_flat"):
        if alone in clusters.columns:
            return [alone]
    return [column for column in ("p_per_head", "p_beyond_city_size") if column in clusters.columns]


def build_rows(clusters: DataFrame, language: str = "en") -> list[Row]:
    """Make the rows of the table: those that span, those that do not, then national ones; the largest first."""
    columns = p_columns(clusters)
    rows: list[Row] = []
    for look in GROUPS:
        for label, cluster in clusters.sort_index().iterrows():
            if look_of(cluster["verdict"]) != look:
                continue
            number = int(str(label))
            badge = letters(sum(row.look == "national" for row in rows)) if look == "national" else str(number)
            rows.append(
                Row(
                    number, badge, look, clean(cluster["name"]), int(cluster["n"]),
                    tuple(str(cluster["countries"]).split()), tuple(str(cluster["counts"]).split()),
                    str(cluster["dependence"]), bool(cluster["chain"]),
                    tuple(float(cluster[column]) for column in columns), str(cluster["verdict"]),
                    interval=say_interval({str(name): value for name, value in cluster.items()}, language),
                    notes=say_notes({str(name): value for name, value in cluster.items()}, language),
                )
            )  # fmt: skip
    return rows


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that fit, how many did not, and the room that they take, mm."""

    rows: tuple[Row, ...]
    further: int
    further_national: int
    height: float


def fit_table(rows: Sequence[Row], room: float, *, keep: Collection[int] = ()) -> Table:
    """Take the rows that fit into a height: national ones go first, then the smallest of the others.

    Clusters to `keep`, those inside a claimed circle, go last.
    """
    # in this order rows go: national ones, then those not shown, then those that span; of each the smallest
    going = sorted(rows, key=lambda row: (row.label in keep, -GROUPS.index(row.look), row.n, -row.label))
    for count in range(len(going) + 1):
        left, kept = going[:count], going[count:]
        national = sum(row.look == "national" for row in left)
        heads = len({row.look for row in kept}) * (GROUP_MM + 0.6)
        tall = HEADER_MM + heads + sum(row.height() for row in kept) + (FURTHER_MM if left else 0)
        if not rows:
            tall = HEADER_MM + GROUP_MM
        if tall <= room or not kept:
            break
    stay = {row.label for row in kept}
    return Table(tuple(row for row in rows if row.label in stay), len(left) - national, national, tall)


def split_table(rows: Sequence[Row], rooms: Sequence[float]) -> list[Table]:
    """Fill columns of given heights with the rows in order; tell at the last how many found no place."""
    left = list(rows)
    tables: list[Table] = []
    for last, room in zip([*[False] * (len(rooms) - 1), True], rooms, strict=True):
        kept: list[Row] = []
        tall = HEADER_MM
        while left:
            row = left[0]
            more = row.height() + (0.0 if kept and kept[-1].look == row.look else GROUP_MM + 0.6)
            spare = FURTHER_MM if last and len(left) > 1 else 0.0
            if tall + more + spare > room and (kept or tables):
                break
            tall += more
            kept.append(left.pop(0))
        national = sum(row.look == "national" for row in left) if last else 0
        further = len(left) - national if last else 0
        tables.append(Table(tuple(kept), further, national, tall + (FURTHER_MM if further or national else 0.0)))
    return tables
