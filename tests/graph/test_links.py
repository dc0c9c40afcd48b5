"""Graphs of a table of weights or travel times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geocluster.errors import OptionError, SchemaError
from geocluster.graph import graph_from_table, to_sparse

TABLE = pd.DataFrame(index=["a", "b", "c", "d"])


def links(*rows: tuple[Any, Any, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["origin", "destination", "w"])


def test_weights_and_what_cannot_be_used() -> None:
    given = links(
        ("a", "b", 2), ("b", "a", 3), ("x", "a", 1), ("x", "y", 1), ("a", "a", 1),
        ("a", "c", None), ("a", "c", -1), ("b", "c", "five"), ("b", "c", 0), ("a", "b", 2), ("a", "d", np.inf),
    )  # fmt: skip
    graph, set_aside = graph_from_table(given, TABLE, weight="w")
    assert to_sparse(graph, TABLE.index).toarray()[:2, :2].tolist() == [[0, 2], [3, 0]]
    assert graph.isolates.tolist() == ["c", "d"]
    assert set_aside["reason"].to_dict() == {
        2: "x is not in the table", 3: "x and y are not in the table", 4: "a place with itself",
        5: "no number in w", 6: "w is below 0", 7: "no number in w", 10: "no number in w",
    }  # fmt: skip
    assert "reason" not in given


def test_minutes_with_threshold_and_decay() -> None:
    given = links(("a", "b", 30), ("a", "c", 61), ("d", "a", 60))
    graph, _ = graph_from_table(given, TABLE, minutes="w", within_minutes=60)
    assert to_sparse(graph, TABLE.index).toarray()[0].tolist() == [0, 1, 0, 0]
    graph, _ = graph_from_table(given, TABLE, minutes="w", within_minutes=60, decay_minutes=30, both_ways=True)
    np.testing.assert_allclose(to_sparse(graph, TABLE.index).toarray()[0], [0, np.exp(-1), 0, np.exp(-2)])
    graph, _ = graph_from_table(given, TABLE, minutes="w", decay_minutes=30, row_standardise=True)
    assert graph.transformation == "R"
    np.testing.assert_allclose(to_sparse(graph, TABLE.index).sum(axis=1), [1, 0, 0, 1])


def test_pairs_that_gainsay_each_other() -> None:
    with pytest.raises(SchemaError, match=r"different numbers: 1 row \(a → b\)"):
        graph_from_table(links(("a", "b", 1), ("a", "b", 2)), TABLE, weight="w")
    with pytest.raises(SchemaError, match="stand twice"):
        graph_from_table(links(("a", "b", 1), ("b", "a", 2)), TABLE, weight="w", both_ways=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "give one of weight and minutes"),
        ({"weight": "w", "within_minutes": 3}, "go with minutes"),
        ({"minutes": "w"}, "give within_minutes"),
        ({"minutes": "w", "within_minutes": -3}, "within_minutes must be"),
    ],
)
def test_options(options: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        graph_from_table(links(("a", "b", 1)), TABLE, **options)


def test_columns_and_index() -> None:
    with pytest.raises(SchemaError, match=r"(?s)start.*no such column.*v: there"):
        graph_from_table(links(("a", "b", 1)), TABLE, origin="start", weight="v")
    with pytest.raises(SchemaError, match="unique"):
        graph_from_table(links(("a", "b", 1)), pd.DataFrame(index=["a", "a"]), weight="w")


def test_no_link_at_all() -> None:
    graph, set_aside = graph_from_table(links(("p", "q", 1)), TABLE, weight="w")
    assert len(graph.isolates) == 4
    assert len(set_aside) == 1
    graph, set_aside = graph_from_table(links(), TABLE, weight="w")
    assert len(set_aside) == 0
