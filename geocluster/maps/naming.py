"""Which names and badges stand in a frame?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from geocluster.country_names import country_name as english_name
from geocluster.distance import distance_km
from geocluster.labels import country_name
from geocluster.maps.claims import claim_mm
from geocluster.maps.country_labels import place_country
from geocluster.maps.page import badge_mm, clean, width_mm
from geocluster.maps.places import TOWN_CLEAR_MM
from geocluster.place_names import names_in
from geocluster.style import BADGE_MM, BADGE_NATIONAL_MM, KIND, TYPE_PT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from pandas import Series
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.frame import Frame
    from geocluster.maps.panel import Content, Panel
    from geocluster.maps.places import Placer

BIG_TOWN = 100_000
TOWNS_APART_KM = 9.0
TOWNS_APART_MM = 7.0
MM2_PER_TOWN = 800.0
LONGEST_MEMBER_MM = 22.0
LARGE_TOWN = 50_000
"""People from whom on a town inside a cluster is named even where its name hides some points."""
LARGE_MAY_HIDE = 3.5
LARGEST_TOWNS = 15
"""Besides those that name a cluster, so many stay free of badges."""
NAMESAKE_KM = 80.0
"""A town of the cluster's name, but further away than that, is another one."""
JOINT = " – "
"""Between the places of a cluster's name."""
_LATIN = re.compile("[A-Za-z]")
Town = tuple[str, float, float, float]
"""Name, page x and y in mm, population."""


def label_panel(content: Content, panel: Panel, placer: Placer, *, zoomed: Frame | None = None) -> None:
    """Set badges, towns of clusters, members, countries, other towns: in this order.

    Of a cluster that an inset shows, the map itself names the first town only; a circle
    that the inset holds has its numeral there.
    """
    from shapely import Polygon, union_all

    frame = panel.frame
    towns = _towns(content, frame)
    chosen = _cluster_towns(content, panel, towns, zoomed)
    keep = [(x, y) for _, x, y, _ in [*chosen, *towns[:LARGEST_TOWNS]]]
    for row in content.rows:
        if row.label in panel.hulls:
            hull = frame.to_page(panel.hulls[row.label])
            radius = badge_mm(row.badge, BADGE_NATIONAL_MM if row.look == "national" else BADGE_MM)
            if not placer.place_badge(hull, row.badge, look=row.look, radius=radius, keep=keep):
                placer.dropped.append(row.badge)
    told = {claim.sign for claim, _ in content.told.claims} if content.told is not None else set()
    for sign, circle in panel.circles.items():
        if sign not in told or (zoomed is not None and _holds_all(zoomed, circle)):
            continue
        outline = Polygon(circle.coords)
        radius = claim_mm(sign, BADGE_NATIONAL_MM)
        if not placer.place_badge(frame.to_page(outline), sign, look="claim", radius=radius, keep=keep, role="claim"):
            placer.dropped.append(sign)
    for town in chosen:
        _put_town(placer, panel, town, far=True)
    done = {town[0] for town in chosen}
    at = [town[1:3] for town in chosen]
    _put_members(content, panel, placer)
    hulls = union_all([frame.to_page(hull) for hull in panel.hulls.values()] + panel.further)
    for country, ground in sorted(panel.ground.land.items(), key=lambda item: -item[1].area):
        shape = frame.to_page(ground)
        if shape.area > 60:
            place_country(
                placer,
                country_name(country, content.language, english=english_name(country).removeprefix("The ")),
                max(getattr(shape, "geoms", [shape]), key=lambda part: part.area),
                hulls,
            )
    limit = int(frame.width * frame.height / MM2_PER_TOWN)
    apart = max(TOWNS_APART_KM / frame.km_per_mm() if not placer.prefix else 0.0, TOWNS_APART_MM)
    tried = 0
    for town in _large_inside(panel, towns):
        if town[0] not in done and all(np.hypot(town[1] - x, town[2] - y) >= TOWNS_APART_MM for x, y in at):
            done.add(town[0])
            if _put_town(placer, panel, town, fine=True, may_hide=LARGE_MAY_HIDE):
                at.append(town[1:3])
    for town in towns:
        if limit <= 0 or tried > 80:
            break
        if content.language != "en" and _LATIN.search(town[0]):
            continue
        if town[0] in done or any(np.hypot(town[1] - x, town[2] - y) < apart for x, y in at):
            continue
        tried += 1
        done.add(town[0])
        if _put_town(placer, panel, town, may_hide=0.5):
            at.append(town[1:3])
            limit -= 1


def _holds_all(frame: Frame, shape: BaseGeometry) -> bool:
    x0, y0, x1, y1 = shape.bounds
    return frame.holds((x0, y0)) and frame.holds((x1, y1))


def _large_inside(panel: Panel, towns: list[Town]) -> list[Town]:
    """Find the large towns inside the clusters, besides those that name them."""
    from shapely import contains_xy, union_all

    inside = union_all([panel.frame.to_page(hull) for hull in panel.hulls.values()])
    return [town for town in towns if town[3] >= LARGE_TOWN and contains_xy(inside, town[1], town[2])]


def _cluster_towns(content: Content, panel: Panel, towns: list[Town], zoomed: Frame | None) -> list[Town]:
    """Find the towns that name the clusters; of one that an inset shows, the first only."""
    frame = panel.frame
    found: dict[str, Town] = {}
    for row in content.rows:
        centre = content.centres.get(row.label)
        if row.label not in panel.hulls or centre is None:
            continue
        x, y = frame.to_mm([centre])[0]
        parts = _parts(row.name)
        for part in parts[:1] if zoomed is not None and zoomed.holds(centre) else parts:
            known = [town for town in towns if town[0] == part and part not in found]
            if known:
                town = min(known, key=lambda it: float(np.hypot(it[1] - x, it[2] - y)) - 0.00001 * it[3])
                if np.hypot(town[1] - x, town[2] - y) * frame.km_per_mm() <= NAMESAKE_KM:
                    found[part] = town
    return list(found.values())


def local_names(
    names: Series[str], centres: Mapping[int, tuple[float, float]], places: GeoDataFrame, language: str
) -> list[str]:
    """Name clusters in the language of the map: each part after the place of that name next to the cluster.

    Parameters
    ----------
    names : Series of str
        On the labels of the clusters: "Basel – Saint-Louis".
    centres : mapping of int to (longitude, latitude)
    places : GeoDataFrame
        name and, for other languages, geonames_id.
    language : {"en", "ru"}
    """
    told = names.astype(str)
    if language == "en" or "geonames_id" not in places.columns or not len(told):
        return told.tolist()
    parts = {part for name in told for part in _parts(name)}
    known = places[places["name"].isin(parts)]
    if "district" in known.columns:
        known = known[~known["district"].fillna(value=False).to_numpy(dtype=bool)]
    lon, lat = known.geometry.x.to_numpy(), known.geometry.y.to_numpy()
    own, local = known["name"].astype(str).to_numpy(), np.array(_called(known, language), dtype=object)
    out = []
    for label, name in told.items():
        centre = centres.get(int(str(label)))
        written = []
        for part in _parts(name):
            at = np.flatnonzero(own == part)
            apart = distance_km(lon[at], lat[at], *centre) if centre is not None and len(at) else np.array([np.inf])
            written.append(str(local[at[apart.argmin()]]) if apart.min() <= NAMESAKE_KM else part)
        out.append(JOINT.join(written) + name[len(JOINT.join(_parts(name))) :])
    return out


def _parts(name: str) -> list[str]:
    """Give the places in a cluster's name, without the number that tells namesakes apart."""
    return re.sub(r" \(\d+\)$", "", name).split(JOINT)


def _called(places: GeoDataFrame, language: str) -> list[str]:
    names = places["name"].astype(str).tolist()
    return names_in(language, places["geonames_id"], names) if "geonames_id" in places.columns else names


def _towns(content: Content, frame: Frame) -> list[Town]:
    """List the places in a frame, the most populous first: name, page x, page y, population."""
    from shapely import get_x, get_y

    table = content.base.places
    if not len(table):
        return []
    lon, lat = get_x(table.geometry.to_numpy()), get_y(table.geometry.to_numpy())
    inside = np.zeros(len(table), dtype=bool)
    for west, south, east, north in frame.boxes_degrees(0.0):
        inside |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    if "district" in table.columns:
        inside &= ~table["district"].fillna(value=False).to_numpy(dtype=bool)
    near = table[inside]
    x, y = frame.projection.transformer().transform(lon[inside], lat[inside])
    place = frame.to_mm(np.column_stack([x, y]))
    people = near["population"].fillna(0).to_numpy(dtype=float)
    names = np.array(_called(near, content.language), dtype=object)
    order = np.lexsort((names, -people))
    return [
        (clean(names[i]), float(place[i, 0]), float(place[i, 1]), float(people[i]))
        for i in order.tolist()
        if frame.left + 0.8 < place[i, 0] < frame.right - 0.8 and frame.bottom + 0.8 < place[i, 1] < frame.top - 0.8
    ]


def _put_town(
    placer: Placer, panel: Panel, town: Town, *, far: bool = False, fine: bool = False, may_hide: float = np.inf
) -> bool:
    name, x, y, people = town
    big = people >= BIG_TOWN
    shown = panel.spread.xy[panel.show]
    alone = len(shown) > 0 and float(np.hypot(shown[:, 0] - x, shown[:, 1] - y).min()) < 0.5
    # a disc of those who stand in the town takes the place of its ring: the name stands about it
    disc = next((it for it in panel.spread.discs if np.hypot(it[0] - x, it[1] - y) < it[3] / 2), None)
    if disc is not None:
        x, y = disc[:2]
    return placer.place_label(
        name,
        x,
        y,
        "big_town" if big else "town",
        ring=not alone and disc is None,
        clear=TOWN_CLEAR_MM if disc is None else disc[3],
        far=far,
        fine=fine,
        weight="bold" if big else "normal",
        may_hide=may_hide,
    )


def _put_members(content: Content, panel: Panel, placer: Placer) -> None:
    """Name one university a cluster, where a short name finds an easy place."""
    for row in content.rows:
        for i in np.flatnonzero((content.labels == row.label) & panel.show & (panel.spread.disc < 0)):
            # italics have fewer signs than upright type: a name that loses one is not written
            name = clean(content.names[i], italic=True)
            if content.kinds[i] != "university" or name != clean(content.names[i]):
                continue
            if not 0 < width_mm(name, TYPE_PT["member"], "normal", "italic") <= LONGEST_MEMBER_MM:
                continue
            x, y = (float(value) for value in panel.spread.xy[i])
            placed = placer.place_label(
                name, x, y, "member", ring=False, style="italic", colour=KIND["university"].dark, may_hide=0.5
            )
            if placed:
                break
            placer.dropped.pop()
