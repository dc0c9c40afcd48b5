"""Who stands above whom?

Statements of parent and child, from either end, become one graph; what contradicts
itself is taken out of it and counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault
from geocluster.units.cells import cell_texts, identifier, name_key, positions, say_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame

_KINDS = ("type", "relationship", "relation")
_SEVERAL = re.compile(r"[|;\n]")


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """Who stands above whom, cycles taken as one ring; a ring's members are not above each other.

    Attributes
    ----------
    rows : int
        Nodes below this number are rows of the table; the others are known by name only.
    members : dict of int to list of int
        The nodes of each ring: mostly one. Each ring comes after those above it.
    up : dict of int to list of int
        The rings right above each ring.
    parents : dict of int to set of int
        The nodes stated as parents of each node.
    units : dict of int to int
        How many rows name a node as their parent.
    counts : dict of str to int
        What was found in the statements.
    """

    rows: int
    members: dict[int, list[int]]
    up: dict[int, list[int]]
    parents: dict[int, set[int]]
    units: dict[int, int]
    counts: dict[str, int]


def relationship_faults(relationships: Any) -> tuple[str, list[Fault]]:
    """Find the column that says what a relationship is, and what is wrong with the frame."""
    if not hasattr(relationships, "columns"):
        mend = "Give a DataFrame with ror_id, related_id, type."
        return "", [Fault("relationships", f"it is a {type(relationships).__name__}, not a DataFrame.", mend)]
    names = [str(name) for name in relationships.columns]
    kinds = [name for name in _KINDS if name in names]
    told = f"It has {', '.join(names[:20])}."
    faults = [
        Fault(f"relationships[{name!r}]", "there is no such column." if name not in names else "it stands twice.", told)
        for name in ("ror_id", "related_id") if names.count(name) != 1
    ]  # fmt: skip
    if not kinds:
        faults.append(Fault("relationships['type']", "there is no such column.", told))
    return kinds[0] if kinds else "", faults


def identifier_faults(table: DataFrame, column: str) -> list[Fault]:
    """Say which identifiers stand twice, or that there are none."""
    held = positions(map(identifier, cell_texts(table[column])))
    if not held and len(table):
        return [Fault(repr(column), "no row has an identifier.", "Give identifier='the column that holds them'.")]
    twice = {key: at for key, at in held.items() if len(at) > 1}
    if not twice:
        return []
    key, at = min(twice.items(), key=lambda item: item[1])
    more = f" and {len(twice) - 1:,} more" if len(twice) > 1 else ""
    told = f"{key[:40]!r} stands in the rows {say_labels(table, at)}{more}: identifiers name one row each."
    return [Fault(repr(column), told, "Run merge_duplicates(table, find_duplicates(table, ids=[...])).table first.")]


def from_relationships(table: DataFrame, relationships: DataFrame, kind: str, column: str) -> Hierarchy:
    """Read who stands above whom from statements of parent and child, given from either end."""
    keys = [identifier(text) for text in cell_texts(table[column])]
    of_row = {key: i for i, key in enumerate(keys) if key}
    kinds = [text.casefold() for text in cell_texts(relationships[kind])]
    ids = [[identifier(text) for text in cell_texts(relationships[name])] for name in ("ror_id", "related_id")]
    sides: dict[tuple[str, str], set[str]] = {}
    selves, empty = set(), 0
    for one, other, what in zip(*ids, kinds, strict=True):
        if what not in ("parent", "child"):
            continue
        if not one or not other:
            empty += 1
        elif one == other:
            selves.add(one)
        else:
            sides.setdefault((one, other) if what == "parent" else (other, one), set()).add(what)
    counts = {
        "statements of a parent": len(sides),
        "stated from one end only": sum(len(ends) == 1 for ends in sides.values()),
        "statements of other kinds, not used": sum(what not in ("parent", "child") for what in kinds),
        "statements with an empty end, not used": empty,
        "organisations stated as their own parent": len(selves),
        "rows without an identifier": keys.count(""),
    }
    nodes = dict(of_row)
    extra = len(table)
    parents: dict[int, set[int]] = {}
    for child, parent in sides:
        for key in (child, parent):
            if key not in nodes:
                nodes[key] = extra
                extra += 1
        parents.setdefault(nodes[child], set()).add(nodes[parent])
    return _arrange(len(table), extra, parents, counts)


def from_parents(table: DataFrame, parent: str, column: str | None) -> Hierarchy:
    """Read who stands above whom from a column of parents, by identifier or name; several are parted by | or ;."""
    n = len(table)
    texts = cell_texts(table[parent])
    ids = {} if column is None else positions(map(identifier, cell_texts(table[column])))
    by_name = positions(map(name_key, cell_texts(table["name"]))) if "name" in table.columns else {}

    def rows_of(text: str) -> list[int]:
        return ids.get(identifier(text)) or by_name.get(name_key(text)) or []

    parents: dict[int, set[int]] = {}
    absent: dict[str, int] = {}
    selves = several = 0
    read: dict[str, list[str]] = {}
    for i, text in enumerate(texts):
        if not text:
            continue
        if text not in read:
            read[text] = [text] if rows_of(text) else [part for part in map(str.strip, _SEVERAL.split(text)) if part]
        for part in read[text]:
            found = rows_of(part)
            several += len(found) > 1
            if i in found:
                selves += len(found) == 1
                found = [row for row in found if row != i]
                if not found:
                    continue
            if not found:
                found = [absent.setdefault(name_key(part) or part, n + len(absent))]
            parents.setdefault(i, set()).update(found)
    counts = {
        "rows with a parent stated": sum(map(bool, texts)),
        "parents named like several rows": several,
        "organisations stated as their own parent": selves,
    }
    return _arrange(n, n + len(absent), parents, counts)


def _arrange(rows: int, nodes: int, parents: dict[int, set[int]], counts: dict[str, int]) -> Hierarchy:
    """Order all nodes so that each comes after those above it."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    child = np.array([node for node, above in parents.items() for _ in above], dtype=np.int64)
    parent = np.array([one for above in parents.values() for one in sorted(above)], dtype=np.int64)
    graph = sparse.csr_array((np.ones(len(child), dtype=np.int8), (child, parent)), shape=(nodes, nodes))
    ring = connected_components(graph, connection="strong")[1] if nodes else np.zeros(0, dtype=np.int64)
    members: dict[int, list[int]] = {}
    for node, label in enumerate(ring.tolist()):
        members.setdefault(label, []).append(node)
    up: dict[int, set[int]] = {}
    for label, above in zip(ring[child].tolist(), ring[parent].tolist(), strict=True):
        if label != above:
            up.setdefault(label, set()).add(above)
    stated = [parents.get(i, set()) for i in range(rows)]
    units: dict[int, int] = {}
    for above in stated:
        for one in above:
            units[one] = units.get(one, 0) + 1
    counts |= {
        "rows with several parents": sum(len(above) > 1 for above in stated),
        "rows in a cycle of parents": sum(len(members[label]) > 1 for label in ring[:rows].tolist()),
        "parents that are no rows of the table": sum(one >= rows for one in units),
    }
    return Hierarchy(
        rows=rows,
        members={label: members[label] for label in _parents_first(list(members), up)},
        up={label: sorted(above) for label, above in up.items()},
        parents=parents,
        units=units,
        counts=counts,
    )


def _parents_first(labels: Sequence[int], up: dict[int, set[int]]) -> list[int]:
    """Order the rings so that each comes after those above it; no recursion, chains may be long."""
    waiting = {label: len(up.get(label, ())) for label in labels}
    below: dict[int, list[int]] = {}
    for label, above in up.items():
        for one in above:
            below.setdefault(one, []).append(label)
    order = [label for label in labels if not waiting[label]]
    for label in order:  # grows as it is read
        for one in below.get(label, ()):
            waiting[one] -= 1
            if not waiting[one]:
                order.append(one)
    return order
