"""Can it be asked like this, and which rows take part?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from geocluster.cross.labelled import LABELLED, labelled_faults
from geocluster.cross.measuring import FUNCTIONS, Function
from geocluster.errors import OptionError
from geocluster.permutation import block_sizes
from geocluster.schema import check, kind_words, split_placed

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Index, Series

Null = Literal["background", "labelling", "controls", "shift"]
Correction = Literal["none", "border", "translation"]
Reading = Literal["per head", "beyond city size"]
ENOUGH_DRAWS = 999
WEIGHTS_STAY = ("M", "m", "Kd")
MOST_WEIGHT = 1e100
"""Whose squares can still be added up."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of a curve, as given."""

    kind: str
    near_kind: str
    function: Function
    null: Null
    reading: Reading
    planar: str | None
    correction: Correction | None
    weight: str | None
    bandwidth_km: float | None
    permutations: int
    workers: int

    @property
    def weights_stay(self) -> bool:
        """Whether weights stay where they stand while kinds are permuted; else they go with their rows."""
        return self.function in WEIGHTS_STAY

    def faults(self, *, controls: bool, background: bool, study_area: object, polygon: bool) -> list[str]:
        """List what is wrong with them."""
        told = [
            f"{name} must be {' or '.join(map(repr, words))}, got {given!r}."
            for name, given, words in (
                ("function", self.function, FUNCTIONS),
                ("null", self.null, get_args(Null)),
                ("reading", self.reading, get_args(Reading)),
            )
            if given not in words
        ]
        if isinstance(study_area, str) and study_area not in ("extent", "countries"):
            told.append(f"study_area must be 'extent', 'countries' or a polygon, got {study_area!r}.")
        try:
            block_sizes(self.permutations)
        except OptionError as error:
            told.append(str(error))
        if not _is_number(self.workers, whole=True) or self.workers < 1:
            told.append(f"workers must be a whole number from 1 up, got {self.workers!r}.")
        if self.bandwidth_km is not None and not (_is_number(self.bandwidth_km) and 0 < self.bandwidth_km < np.inf):
            told.append(f"bandwidth_km must be a number above 0, got {self.bandwidth_km!r}.")
        if self.bandwidth_km is not None and self.function not in ("g", "m", "Kd", "mark_connection"):
            told.append("bandwidth_km is of the pair correlation (function='g'), and of m, Kd and mark connection.")
        if self.function in LABELLED:
            told += labelled_faults(
                self.function, null=self.null, planar=self.planar, weight=self.weight, correction=self.correction
            )
        if self.weight is not None and self.function == "nearest":
            told.append("nearest neighbours have no weight: leave it out, or ask for K, L or g.")
        if self.null == "controls" and not controls:
            told.append("null='controls' needs a table: controls=...")
        if controls and self.null != "controls":
            told.append("controls are used by null='controls' only.")
        if background and self.null != "background":
            told.append("background is used by null='background' only.")
        return told + self._planar_faults(polygon=polygon)

    def _planar_faults(self, *, polygon: bool) -> list[str]:
        if self.planar is None:
            told = []
            if self.null == "shift":
                told.append(
                    "a random shift on the globe carries a pattern out of its country: it needs a planar study area. "
                    "Give planar='EPSG:...' and a polygon as study_area."
                )
            if self.correction is not None:
                told.append(
                    "on the globe there is no edge correction: the background ends where the data end. Leave it out, "
                    "or give planar='EPSG:...' and a polygon as study_area."
                )
            return told
        told = [] if polygon else ["planar needs a polygon as study_area: the edges that are corrected for."]
        if self.null == "background":
            told.append("null='background' is for the globe; in the plane take 'labelling', 'controls' or 'shift'.")
        if self.correction not in (None, *get_args(Correction)):
            words = " or ".join(map(repr, get_args(Correction)))
            told.append(f"correction must be {words}, got {self.correction!r}.")
        if self.function == "g" and self.correction == "border":
            told.append("the pair correlation has no border correction: take 'translation' or 'none'.")
        if self.function == "nearest" and self.correction == "translation":
            told.append("nearest neighbours have no translation correction: take 'border' or 'none'.")
        if self.weight is not None:
            told.append("weight is for the globe; edge corrections are of points. Leave one of them out.")
        return told


def _is_number(value: object, *, whole: bool = False) -> bool:
    kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
    return isinstance(value, kinds) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The rows that take part.

    Attributes
    ----------
    table : GeoDataFrame
        Placed; of both kinds, or of any where kinds are relabelled; controls at the end.
    first, second : ndarray of bool, shape (rows,)
    weight : ndarray, shape (rows,) or None
    labels : Index
        Of the given table: its rows that take part. What is beyond them in `table` are controls.
    set_aside : DataFrame
        On the given table's index: reason.
    notes : list of str
    """

    table: GeoDataFrame
    first: NDArray[np.bool_]
    second: NDArray[np.bool_]
    weight: NDArray[np.float64] | None
    labels: Index
    set_aside: DataFrame
    notes: list[str]

    def leave_out(self, out: NDArray[np.bool_], reason: Any) -> tuple[Series, list[str]]:
        """Give the reasons of further rows that do not enter, and say how many controls are left."""
        import pandas as pd

        cases = len(self.labels)
        mine = out[:cases]
        words = np.broadcast_to(np.asarray(reason, dtype=object), out.shape)[:cases][mine]
        notes = list(self.notes)
        if len(out) > cases:
            there, away = len(out) - cases, int(out[cases:].sum())
            notes.append(f"{there - away:,} controls" + (f"; {away:,} outside the study area" if away else ""))
        return pd.Series(words, index=self.labels[mine], dtype=object), notes


def choose_rows(table: GeoDataFrame, choices: Choices, controls: GeoDataFrame | None, faults: list[str]) -> Chosen:
    """Keep the rows that take part, set aside those that cannot; raise all faults at once.

    Raises
    ------
    SchemaError
        If a table is not assigned, or a column is absent.
    OptionError
        With every fault of the options and kinds.
    """
    import pandas as pd

    columns = ["kind", *([choices.weight] if choices.weight else [])]
    check(table, "assigned", columns=columns)
    kinds = kind_words(table["kind"])
    table = table.assign(kind=kinds)
    wanted = list(dict.fromkeys([choices.kind, choices.near_kind]))
    absent = [repr(word) for word in wanted if not (kinds == word).any()]
    if absent:
        there = ", ".join(map(repr, sorted(kinds.dropna().unique())[:8])) or "none"
        faults = [*faults, f"no row has the kind {' or '.join(absent)}. There are {there}."]
    elif choices.null == "labelling" and kinds.dropna().nunique() == 1:
        faults = [
            *faults,
            f"there is one kind only, {choices.kind!r}: its labels cannot be changed. Give controls or a background.",
        ]
    if faults:
        raise OptionError("the curve cannot be asked for:\n  " + "\n  ".join(faults))
    placed, aside = split_placed(table)
    told = [aside["reason"]]
    nameless = placed["kind"].isna().to_numpy(dtype=bool)
    told.append(pd.Series("no kind", index=placed.index[nameless], dtype=object))
    placed = placed[~nameless]
    if choices.null != "labelling":
        placed = placed[placed["kind"].isin(wanted)]
    weight = None
    if choices.weight:
        values, bad = _weights(placed, choices.weight)
        words = f"{choices.weight} is missing, below 0 or no number"
        told.append(pd.Series(words, index=placed.index[bad], dtype=object))
        placed, weight = placed[~bad], values[~bad]
    of = placed["kind"].to_numpy(dtype=object)
    first, second = of == choices.kind, of == choices.near_kind
    labels = placed.index
    notes: list[str] = []
    if controls is not None and choices.null == "controls":
        others, more, notes = _take_controls(controls, choices)
        placed = pd.concat([placed, others], ignore_index=True)
        if weight is not None:
            weight = np.concatenate([weight, more])
        no = np.zeros(len(others), dtype=bool)
        first, second = np.concatenate([first, no]), np.concatenate([second, no])
    set_aside = pd.concat(told).rename("reason").to_frame()
    return Chosen(placed, first.astype(bool), second.astype(bool), weight, labels, set_aside, notes)


def _weights(table: GeoDataFrame, column: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give weights, and which of them cannot be used."""
    import pandas as pd

    values = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64)
    return values, ~((values >= 0) & (values < MOST_WEIGHT))


def _take_controls(controls: GeoDataFrame, choices: Choices) -> tuple[GeoDataFrame, NDArray[np.float64], list[str]]:
    """Give the controls that enter, and their weights: 0 where weights go with the rows of the two kinds."""
    others, aside = split_placed(controls)
    notes = [f"controls set aside {len(aside):,}: no point, no country, or not known well enough"] * (len(aside) > 0)
    more = np.zeros(len(others))
    if choices.weight and choices.weights_stay:
        if choices.weight not in controls.columns:
            raise OptionError(
                f"controls has no column {choices.weight!r}: {choices.function} counts the weights of all that are "
                "there. Give it, or leave out weight."
            )
        more, bad = _weights(others, choices.weight)
        words = f"controls set aside {bad.sum():,}: {choices.weight} is missing, below 0 or no number"
        notes += [words] * bool(bad.any())
        others, more = others[~bad], more[~bad]
    if others.empty:
        words = " and a weight" if choices.weight and choices.weights_stay else ""
        raise OptionError(f"controls: no row has a point, a country{words}. Run geocode and assign_countries on it.")
    return others, more, notes


def precision_rows(chosen: Chosen) -> Any:
    """Rows of the two kinds, whose positions decide what is resolved."""
    return chosen.table[chosen.first | chosen.second]


def weight_words(choices: Choices) -> str:
    """Say what becomes of weights under the null; empty if there are none."""
    if choices.weight is None:
        return ""
    return (
        f"; {choices.weight} stays at its place" if choices.weights_stay else f"; each row keeps its {choices.weight}"
    )
