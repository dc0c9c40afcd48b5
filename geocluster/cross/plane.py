"""The same in a window of the plane, where edges are corrected for and patterns can be shifted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.cross.distances import Distances, check_distances, position_precision
from geocluster.cross.labelled import share_of_all
from geocluster.cross.measuring import Measured
from geocluster.cross.parts import Part, list_parts
from geocluster.cross.planar import Window, epanechnikov, find_pairs, stoyan_bandwidth
from geocluster.cross.scene import Kinds
from geocluster.cross.telling import tell_result
from geocluster.errors import OptionError
from geocluster.graph import distinct_points
from geocluster.permutation import block_sizes, make_generator, permute_within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.cross.choices import Choices, Chosen, Correction
    from geocluster.cross.result import CurveResult
    from geocluster.permutation import Seed

NULLS = {
    "labelling": "kinds permuted among all rows of their country",
    "controls": "labels permuted among cases and controls of their country",
    "shift": "the second pattern shifted at random on a torus: independent, each keeping its own clustering",
}


def planar_test(
    chosen: Chosen, choices: Choices, polygon: Any, *, at_km: Sequence[float] | None, rng: Seed
) -> CurveResult:
    """Do `cross_test` in the plane.

    Parameters
    ----------
    chosen : Chosen
    choices : Choices
        With a CRS to project to.
    polygon : shapely geometry
        The study area, EPSG:4326.
    at_km : sequence of float, optional
    rng : Generator, int or None

    Raises
    ------
    OptionError
        If the CRS is no projected one, or a shift is asked of a window that is no rectangle.
    """
    import pandas as pd
    import shapely

    xy, window = _project(chosen, choices, polygon)
    inside = np.asarray(shapely.intersects_xy(window.polygon, xy[:, 0], xy[:, 1]))
    aside, more = chosen.leave_out(~inside, "outside the study area")
    first, second = chosen.first[inside], chosen.second[inside]
    if not first.any() or not second.any():
        raise OptionError(f"no {choices.kind} or no {choices.near_kind} is left inside the study area.")
    names, country = np.unique(chosen.table["country"].to_numpy(dtype=str)[inside], return_inverse=True)
    kinds = Kinds(names.tolist(), country.astype(np.int64), first, second, None)
    if choices.null == "shift" and (kinds.same or window.rectangle is None):
        raise OptionError(
            "a shift needs two kinds: one pattern is shifted against the other."
            if kinds.same
            else "a shift needs a study area that is a rectangle in the plane's CRS: what leaves it on one side comes "
            "in on the other. Give a rectangle, or null='labelling'."
        )
    points = xy[inside]
    box = np.array(window.polygon.bounds)
    spread = np.ptp(points, axis=0)
    if spread.max() <= 0:
        raise OptionError("all points stand in one place: there is no distance to measure.")
    sides = tuple(sorted(map(float, box[2:] - box[:2]), reverse=True))
    distances = check_distances(at_km, position_precision(chosen.table), (sides[0], sides[1]))
    generator, seed = make_generator(rng)
    correction: Correction = choices.correction or ("border" if choices.function == "nearest" else "translation")
    of_pairs = replace(choices, function="g") if choices.function == "mark_connection" else choices
    plane = _Plane(window, points, kinds, distances, of_pairs, correction)
    measured = plane.shifted(generator) if choices.null == "shift" else plane.relabelled(generator)
    if of_pairs is not choices:
        every = np.ones((len(points), 1))
        measured = share_of_all(measured, plane.count(every, every)[0].sum(axis=0), simulate=True)
    parts = list_parts(measured, kinds, (choices.kind, choices.near_kind))
    if choices.null == "shift":
        words = "not tested: a shifted pattern leaves its country"
        parts = [part if part.name == "whole" else Part(part.name, part.cells, words) for part in parts]
    notes = [*more, f"edge correction {correction}, in the plane of {choices.planar}, d < r"]
    if choices.function in ("K", "L", "g"):
        notes.append("expected: points spread evenly over the study area")
    if of_pairs.function == "g":
        notes.append(f"bandwidth {plane.bandwidth:.3g} km")
    of_kinds = chosen.table[inside][first | second].geometry
    return tell_result(
        measured,
        parts,
        kinds,
        distances,
        choices,
        first_total=plane.first_total,
        area=np.pi * distances.at_km**2,
        null=NULLS[choices.null],
        study_area="a given polygon",
        set_aside=pd.concat([chosen.set_aside["reason"], aside]).rename("reason").to_frame(),
        shared=distinct_points(of_kinds.x, of_kinds.y).shared,
        notes=notes,
        seed=seed,
        parameters={"planar": choices.planar, "correction": correction},
    )


def _project(chosen: Chosen, choices: Choices, polygon: Any) -> tuple[NDArray[np.float64], Window]:
    """Give points and window in kilometres of the plane."""
    import geopandas as gpd
    import shapely
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(choices.planar)
    except CRSError:
        raise OptionError(f"planar must be a projected CRS such as 'EPSG:32632', got {choices.planar!r}.") from None
    if not crs.is_projected:
        raise OptionError(f"planar must be a projected CRS such as 'EPSG:32632'; {choices.planar!r} is not projected.")
    km = float(crs.axis_info[0].unit_conversion_factor) / 1000
    points = chosen.table.geometry.to_crs(crs)
    shape = gpd.GeoSeries([polygon], crs="EPSG:4326").to_crs(crs).union_all()
    xy = np.column_stack([points.x.to_numpy(dtype=np.float64), points.y.to_numpy(dtype=np.float64)])
    return np.asarray(xy * km), Window(shapely.transform(shape, lambda at: at * km))


class _Plane:
    """Counts of weighted pairs by pair of countries and distance, as they are and under the null."""

    def __init__(
        self,
        window: Window,
        xy: NDArray[np.float64],
        kinds: Kinds,
        distances: Distances,
        choices: Choices,
        correction: Correction,
    ) -> None:
        self.window, self.xy, self.kinds, self.choices, self.correction = window, xy, kinds, choices, correction
        self.at = distances.at_km
        k = len(kinds.names)
        self.cells = [(a, b) for a in range(k) for b in range(k)]
        self.edge = window.edge_distance(xy)
        self.bandwidth = choices.bandwidth_km or stoyan_bandwidth(window.area, int(kinds.second.sum()))
        self.inner = (
            self.edge[:, None] >= self.at if correction == "border" else np.ones((len(xy), len(self.at)), dtype=bool)
        )
        self._steps: list[csr_array] = []
        if choices.function != "nearest":
            limit = float(self.at[-1]) + (self.bandwidth if choices.function == "g" else 0.0)
            self._steps = self._weights(limit)

    @property
    def first_total(self) -> Any:
        """N of the first kind; with a border correction, those farther inside than r."""
        return self.inner[self.kinds.first].sum(axis=0).astype(np.float64)

    def _weights(self, limit: float) -> list[csr_array]:
        """One matrix a distance: weights of the pairs that come in at it; of g, their kernel."""
        from scipy import sparse

        pairs, n = find_pairs(self.window, self.xy, limit, self.correction), len(self.xy)
        if self.choices.function == "g":
            marks = [pairs.weight * epanechnikov(r - pairs.distance, self.bandwidth) for r in self.at]
        else:
            step = np.searchsorted(self.at, pairs.distance, side="right")  # d < r
            marks = [np.where(step == m, pairs.weight, 0.0) for m in range(len(self.at))]
        steps = []
        for mark in marks:
            on = mark > 0
            steps.append(sparse.csr_array((mark[on], (pairs.i[on], pairs.j[on])), shape=(n, n)))
        return steps

    def count(self, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Count left and right columns, shape (n, draws): result (draws, cells, distances).

        With the border correction the count is divided by the first points inside, times those
        that there are, so that all counts stand over one expectation.
        """
        k, country = len(self.kinds.names), self.kinds.country
        result = np.zeros((left.shape[1], len(self.cells), len(self.at)))
        if self.choices.function == "nearest":
            return self._nearest(left, right, result)
        own = [np.flatnonzero(country == c) for c in range(k)]
        for b in range(k):
            theirs = np.zeros_like(right)
            theirs[own[b]] = right[own[b]]
            near = np.zeros_like(right)
            for m, step in enumerate(self._steps):
                new = step @ theirs
                near = new if self.choices.function == "g" else near + new
                seen = left * near * self.inner[:, m : m + 1]
                for a in range(k):
                    result[:, a * k + b, m] = seen[own[a]].sum(axis=0)
        if self.correction == "border":
            for a in range(k):
                there = self.inner[own[a]].T.astype(np.float64)
                mine = there @ self.kinds.first[own[a]]
                drawn = (there @ left[own[a]]).T
                scale = np.divide(mine, drawn, out=np.zeros_like(drawn), where=drawn > 0)
                result[:, a * k : (a + 1) * k] *= scale[:, None, :]
        return result

    def _nearest(
        self, left: NDArray[np.float64], right: NDArray[np.float64], result: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        from scipy.spatial import KDTree

        k, country, total = len(self.kinds.names), self.kinds.country, self.first_total
        for draw in range(left.shape[1]):
            ones, others = np.flatnonzero(left[:, draw]), np.flatnonzero(right[:, draw])
            gap = np.full((len(ones), k), np.inf)
            for b in range(k):
                there = others[country[others] == b]
                if len(there):
                    far, at = (np.asarray(found) for found in KDTree(self.xy[there]).query(self.xy[ones], k=[1, 2]))
                    itself = there[np.minimum(at[:, 0], len(there) - 1)] == ones
                    gap[:, b] = np.where(itself, far[:, 1], far[:, 0])
            least = gap.min(axis=1, keepdims=True)
            share = np.isfinite(gap) & (gap <= least * (1 + 1e-12))
            share = share / np.maximum(share.sum(axis=1, keepdims=True), 1)
            near = (least <= self.at) & self.inner[ones]
            inside = self.inner[ones].sum(axis=0)
            scale = np.divide(total, inside, out=np.zeros(len(self.at)), where=inside > 0)
            for a in range(k):
                rows = country[ones] == a
                result[draw, a * k : (a + 1) * k] = share[rows].T @ near[rows] * scale
        return result

    def expected(self) -> NDArray[np.float64]:
        """E of points spread evenly: n_a n_b πr²/|W|, of g n_a n_b 2πr/|W|."""
        number = self.kinds.number().astype(np.float64)
        per = 2 * np.pi * self.at if self.choices.function == "g" else np.pi * self.at**2
        result = np.empty((len(self.cells), len(self.at)))
        for c, (a, b) in enumerate(self.cells):
            if self.correction == "border":
                ones = self.first_total_of(a)
                result[c] = ones * number[1, b] * per / self.window.area
            else:
                pairs = number[0, a] * (number[1, b] - (self.kinds.same and a == b))
                result[c] = pairs * per / self.window.area
        return result

    def first_total_of(self, country: int) -> NDArray[np.float64]:
        """First points of one country that are farther inside than r."""
        mine = self.kinds.first & (self.kinds.country == country)
        return np.asarray(self.inner[mine].sum(axis=0), dtype=np.float64)

    def relabelled(self, rng: np.random.Generator) -> Measured:
        """Measure, and again with kinds permuted within countries."""
        kinds, permutations = self.kinds, self.choices.permutations
        first, second = kinds.first.astype(np.float64)[:, None], kinds.second.astype(np.float64)[:, None]
        observed = self.count(first, second)[0]
        simulated = np.empty((permutations, *observed.shape))
        held = np.full((2, *simulated.shape), np.nan)
        across = np.array([a != b for a, b in self.cells])
        done = 0
        for left, right in self._labels(rng):
            now = slice(done, done + left.shape[1])
            simulated[now] = self.count(left, right)
            if across.any():
                held[0, now] = self._hold(first, right, 1)
                held[1, now] = self._hold(left, second, 0)
            done += left.shape[1]
        held[:, :, ~across] = np.nan
        expected = simulated.mean(axis=0) if self.choices.function == "nearest" else self.expected()
        return Measured(self.cells, observed, expected, simulated, held)

    def _hold(self, left: NDArray[np.float64], right: NDArray[np.float64], redrawn: int) -> NDArray[np.float64]:
        draws = max(left.shape[1], right.shape[1])
        shape = (len(self.xy), draws)
        if self.choices.function != "nearest":
            return self.count(
                np.ascontiguousarray(np.broadcast_to(left, shape)), np.ascontiguousarray(np.broadcast_to(right, shape))
            )
        result = np.full((draws, len(self.cells), len(self.at)), np.nan)
        first = np.broadcast_to(self.kinds.first.astype(np.float64)[:, None], shape)
        second = np.broadcast_to(self.kinds.second.astype(np.float64)[:, None], shape)
        for c in range(len(self.kinds.names)):
            own = (self.kinds.country == c)[:, None]
            found = self.count(
                np.where(own, left, first) if redrawn == 0 else first,
                np.where(own, right, second) if redrawn == 1 else second,
            )
            for number, cell in enumerate(self.cells):
                if cell[redrawn] == c:
                    result[:, number] = found[:, number]
        return result

    def _labels(self, rng: np.random.Generator) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        kinds = self.kinds
        held = kinds.held()
        fixed = (kinds.first & held[0, kinds.country]) | (kinds.second & held[1, kinds.country])
        strata = np.where(fixed, len(kinds.names) + np.arange(len(fixed)), kinds.country)
        sizes = block_sizes(self.choices.permutations)
        for generator, size in zip(rng.spawn(len(sizes)), sizes, strict=True):
            order = permute_within(strata, generator, size)
            yield kinds.first[order].T.astype(np.float64), kinds.second[order].T.astype(np.float64)

    def shifted(self, rng: np.random.Generator) -> Measured:
        """Measure, and again with the second pattern shifted on the torus: the whole only."""
        kinds, permutations = self.kinds, self.choices.permutations
        first, second = kinds.first.astype(np.float64)[:, None], kinds.second.astype(np.float64)[:, None]
        observed = self.count(first, second)[0]
        ones, others = self.xy[kinds.first], self.xy[kinds.second]
        inner = self.inner[kinds.first]
        box = self.window.rectangle
        assert box is not None
        corner, sides = np.array(box[:2]), np.array([box[2] - box[0], box[3] - box[1]])
        # one cell holds the whole: a shifted row is of no country
        simulated = np.zeros((permutations, *observed.shape))
        done = 0
        sizes = block_sizes(permutations)
        for generator, size in zip(rng.spawn(len(sizes)), sizes, strict=True):
            for by in generator.random((size, 2)) * sides:
                moved = corner + (others - corner + by) % sides
                simulated[done, 0] = self._whole(ones, moved, inner)
                done += 1
        expected = self.expected()
        if self.choices.function == "nearest":
            expected = simulated.mean(axis=0)
        return Measured(self.cells, observed, expected, simulated, np.full((2, *simulated.shape), np.nan))

    def _whole(
        self, ones: NDArray[np.float64], others: NDArray[np.float64], inner: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        if self.choices.function == "nearest":
            from scipy.spatial import KDTree

            gap = np.asarray(KDTree(others).query(ones)[0])
            return np.asarray(((gap[:, None] <= self.at) & inner).sum(axis=0), dtype=np.float64)
        limit = float(self.at[-1]) + (self.bandwidth if self.choices.function == "g" else 0.0)
        pairs = find_pairs(self.window, ones, limit, self.correction, others)
        if self.choices.function == "g":
            return np.array([(pairs.weight * epanechnikov(r - pairs.distance, self.bandwidth)).sum() for r in self.at])
        return np.array([pairs.weight[(pairs.distance < r) & inner[pairs.i, m]].sum() for m, r in enumerate(self.at)])
