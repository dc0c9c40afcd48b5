"""Who stands above whom?

Statements of parent and child, from either end, become one graph; what contradicts
itself is taken out of it and counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault
from geocluster.units.cells import cell_texts, identifier, name_key, positions, say_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame

MOST_ABOVE = 256
"""Organisations above one that are looked at, the nearest first: no real hierarchy has more."""
_KINDS = ("type", "relationship", "relation")
_SEVERAL = re.compile(r"[|;\n]")


@dataclass(slots=True)
class Hierarchy:
    """Who stands above each row, and what was found in the statements.

    Attributes
    ----------
    above : list of dict
        For each row: the rows above it, and by how many steps, the nearest first.
    stated : list of bool
        Whether a parent is stated for the row.
    absent : list of str
        For each row: its parents that are no rows of the table, in words.
    cyclic : list of bool
        Whether the row stands above itself.
    order : list of int
        The rows, each after those above it.
    counts : dict of str to int
        What was found in the statements.
    """

    above: list[dict[int, int]]
    stated: list[bool]
    absent: list[str]
    cyclic: list[bool]
    order: list[int]
    counts: dict[str, int] = field(default_factory=dict)


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
    names = {}
    for child, parent in sides:
        for key in (child, parent):
            if key not in nodes:
                nodes[key], names[extra] = extra, key
                extra += 1
        parents.setdefault(nodes[child], set()).add(nodes[parent])
    return _arrange(len(table), extra, parents, names, counts)


def from_parents(table: DataFrame, parent: str, column: str | None) -> Hierarchy:
    """Read who stands above whom from a column of parents, by identifier or name; several are parted by | or ;."""
    n = len(table)
    texts = cell_texts(table[parent])
    ids = {} if column is None else positions(map(identifier, cell_texts(table[column])))
    by_name = positions(map(name_key, cell_texts(table["name"]))) if "name" in table.columns else {}

    def rows_of(text: str) -> list[int]:
        return ids.get(identifier(text)) or by_name.get(name_key(text)) or []

    parents: dict[int, set[int]] = {}
    names: dict[int, str] = {}
    absent: dict[str, int] = {}
    selves = several = extra = 0
    extra = n
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
                key = name_key(part) or part
                if key not in absent:
                    absent[key], names[extra] = extra, part
                    extra += 1
                found = [absent[key]]
            parents.setdefault(i, set()).update(found)
    counts = {
        "rows with a parent stated": sum(map(bool, texts)),
        "parents named like several rows": several,
        "organisations stated as their own parent": selves,
    }
    return _arrange(n, extra, parents, names, counts)


def _arrange(
    rows: int, nodes: int, parents: dict[int, set[int]], names: dict[int, str], counts: dict[str, int]
) -> Hierarchy:
    """Find all that stand above each row, cycles taken as one; a cycle's members are not above each other."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    child = np.array([node for node, above in parents.items() for _ in above], dtype=np.int64)
    parent = np.array([one for above in parents.values() for one in sorted(above)], dtype=np.int64)
    graph = sparse.csr_array((np.ones(len(child), dtype=np.int8), (child, parent)), shape=(nodes, nodes))
    _, ring = connected_components(graph, directed=True, connection="strong") if nodes else (0, np.zeros(0, int))
    members: dict[int, list[int]] = {}
    for node, label in enumerate(ring.tolist()):
        members.setdefault(label, []).append(node)
    up: dict[int, set[int]] = {}
    for node, one in zip(ring[child].tolist(), ring[parent].tolist(), strict=True):
        if node != one:
            up.setdefault(node, set()).add(one)
    reached: dict[int, dict[int, int]] = {}  # of each ring: rows above it and the steps to them
    labels = _parents_first(list(members), up)
    for label in labels:
        steps: dict[int, int] = {}
        for one in up.get(label, ()):
            for row in members[one]:
                if row < rows:
                    steps[row] = 1
            for row, far in reached[one].items():
                steps[row] = min(far + 1, steps.get(row, far + 1))
        nearest = sorted(steps.items(), key=lambda item: (item[1], item[0]))
        reached[label] = dict(nearest[:MOST_ABOVE])
    cyclic = [len(members[ring[i]]) > 1 for i in range(rows)]
    several = [len([one for one in parents.get(i, ()) if ring[one] != ring[i]]) > 1 for i in range(rows)]
    counts |= {
        "rows with several parents": sum(several),
        "rows in a cycle of parents": sum(cyclic),
        "parents that are no rows of the table": len(
            {one for i in range(rows) for one in parents.get(i, ()) if one >= rows}
        ),
    }
    return Hierarchy(
        above=[reached[ring[i]] for i in range(rows)],
        stated=[bool(parents.get(i)) for i in range(rows)],
        absent=[", ".join(sorted(names[one] for one in parents.get(i, ()) if one >= rows)) for i in range(rows)],
        cyclic=cyclic,
        order=[node for label in labels for node in members[label] if node < rows],
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
