"""Which words do the maps of clusters show?"""

# ruff: noqa: RUF001 (Cyrillic letters are meant)
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MAP_WORDS: Mapping[str, tuple[str, str]] = {
    # the table
    "cluster": ("Cluster", "Кластер"),
    "n": ("n", "n"),
    "countries": ("Countries", "Страны"),
    "p": ("p", "p"),
    "p_per_head": ("per head", "на жителя"),
    "p_beyond_city_size": ("beyond city size", "сверх размера"),
    "p_controls": ("beyond controls", "сверх контроля"),
    "p_flat": ("flat background", "на ровном фоне"),
    "group_spans": ("Cross-border: shown to span", "Трансграничные: связь доказана"),
    "group_not_shown": (
        "In two countries, spanning not shown",
        "В двух странах, связь через границу не доказана",
    ),
    "group_not_shown_many": (
        "In several countries, spanning not shown",
        "В нескольких странах, связь не доказана",
    ),
    "group_national": ("Regional: within one country", "Региональные: в одной стране"),
    "no_clusters": ("No cluster was found.", "Кластеров не найдено."),
    "further_clusters": (
        "and {count} more, for which there is no room here",
        "и ещё {count}, для которых нет места",
    ),
    "further_national": ("and {count} more within one country", "и ещё {count} в одной стране"),
    "border-made": ("border-made", "создан границей"),
    "bridged": ("bridged", "сросшийся"),
    "spill-over": ("spill-over", "выход за границу"),
    "dependence_interval": ("δ {delta} ({low}–{high})", "δ {delta} ({low}–{high})"),
    "chain_note": ("a chain: more than one place", "цепь: больше чем одно место"),
    "transnational": ("transnational: ties join its parts", "транснациональный: части связаны"),
    "shown_together": ("{countries} shown together", "доказано вместе: {countries}"),
    "countries_2": ("two countries", "две страны"),
    "countries_3": ("three countries", "три страны"),
    "countries_4": ("four countries", "четыре страны"),
    "countries_n": ("{count} countries", "стран: {count}"),
    "enclave": ("an enclave in {of}", "анклав внутри {of}"),
    "microstate": ("a microstate beside {of}", "микрогосударство рядом с {of}"),
    "not_robust": ("not robust to clustering of the background", "не устойчиво к сгущениям фона"),
    # the circles shown to span
    "claims": ("Circles shown to span", "Круги, где связь доказана"),
    "claims_none": ("No circle is shown to span.", "Ни для одного круга связь не доказана."),
    "claim_circle": ("within {radius} km", "в радиусе {radius} км"),
    "claim_counts": ("observed/expected {reading}: {counts}", "наблюдается/ожидается {reading}: {counts}"),
    "claim_holds": ("clusters inside: {clusters}", "кластеры внутри: {clusters}"),
    "claim_deeper": ("{countries} within {radius} km: p {values}", "{countries} в радиусе {radius} км: p {values}"),
    "claim_disputed": (
        "not robust to clustering of the background: p {values}",
        "не устойчиво к сгущениям фона: p {values}",
    ),
    "claim_alt": (
        "Circle {sign}: {radius} km, {countries}, p {values}.",
        "Круг {sign}: {radius} км, {countries}, p {values}.",
    ),
    "further_claims": ("and {count} more circles", "и ещё кругов: {count}"),
    # the key
    "firm": ("Firm", "Фирма"),
    "university": ("University", "Университет"),
    "institute": ("Research institute", "Институт"),
    "public body": ("Public body", "Орган власти"),
    "other": ("Other", "Прочие"),
    "in_no_cluster": ("In no cluster", "Вне кластеров"),
    "key_spans": ("Cluster that spans a border", "Кластер через границу"),
    "key_not_shown": ("In two countries, not shown", "В двух странах, не доказано"),
    "key_not_shown_many": ("In several countries, not shown", "Связь не доказана"),
    "key_national": ("Cluster in one country", "Кластер в одной стране"),
    "key_crossed": ("Border inside a cluster", "Граница внутри кластера"),
    "key_border": ("State border", "Граница государства"),
    "key_sea_border": ("Sea border (schematic)", "Морская (условная)"),
    "key_window": ("Circle shown to span", "Круг, где связь доказана"),
    "key_area": ("Study area", "Область исследования"),
    "key_stack": ("{count} in one town", "{count} в одном городе"),
    "key_spread": (
        "Organisations of one town stand side by side.",
        "Организации одного города показаны рядом.",
    ),
    "key_delta": (
        "δ: share of dense points lost without neighbours abroad (95 %).",
        "δ: доля плотных точек, что теряются без соседей извне (95 %).",
    ),
    "key_size": (
        "organisations, by area; numbered ones at least as for {n}",
        "организаций, по площади; с номером – не меньше, чем для {n}",
    ),
    # titles, subtitle, sources, method
    "title_upper-rhine": (
        "Upper Rhine: life sciences in Switzerland, France and Germany",
        "Верхний Рейн: науки о жизни в Швейцарии, Франции и Германии",
    ),
    "title_oresund": (
        "Øresund: medicine and biotech in Denmark and Sweden",
        "Эресунн: медицина и биотехнологии в Дании и Швеции",
    ),
    "title_meuse-rhine": (
        "Meuse–Rhine: materials, chips and health in Belgium, Germany and the Netherlands",
        "Маас – Рейн: материалы, чипы и здоровье в Бельгии, Германии и Нидерландах",
    ),
    "placed": (
        "{placed} stakeholders placed; {clusters} clusters",
        "Организаций на карте: {placed}; кластеров: {clusters}",
    ),
    "placed_and_aside": (
        "{placed} stakeholders placed, {aside} set aside; {clusters} clusters",
        "Организаций на карте: {placed}, отложено: {aside}; кластеров: {clusters}",
    ),
    "source_places": (
        "places and population GeoNames (CC BY 4.0)",
        "города и население GeoNames (CC BY 4.0)",
    ),
    "source_borders": ("borders country-coder (ISC)", "границы country-coder (ISC)"),
    "source_coast": (
        "coast and lakes Natural Earth (public domain)",
        "берега и озёра Natural Earth (общ. достояние)",
    ),
    "null_population": (
        "{draws} redraws on each country's own population inside the study area",
        "{draws} розыгрышей по населению каждой страны внутри области исследования",
    ),
    "null_flat": (
        "{draws} redraws on each country's own places, all alike",
        "{draws} розыгрышей по местам каждой страны, все равны",
    ),
    "null_controls": (
        "{draws} permutations among cases and controls inside each country",
        "{draws} перестановок случаев и контроля внутри каждой страны",
    ),
    # furniture
    "kilometre": ("km", "км"),
    "north": ("N", "С"),
    "sources": ("Sources: {sources}.", "Источники: {sources}."),
    "projection": ("CRS: {name}.", "Проекция: {name}."),
    "outside": (
        "{count} organisations lie outside the frame.",
        "{count} организаций вне рамки карты.",
    ),
    "utm": ("ETRS89 / UTM {zone} (EPSG:{epsg})", "ETRS89 / UTM {zone} (EPSG:{epsg})"),
    "utm_world": ("WGS 84 / UTM {zone} (EPSG:{epsg})", "WGS 84 / UTM {zone} (EPSG:{epsg})"),
    "laea_europe": ("ETRS89-extended / LAEA Europe (EPSG:3035)", "ETRS89 / LAEA Европа (EPSG:3035)"),
    "laea": (
        "Lambert azimuthal equal-area about {place}, WGS 84 (from EPSG:4326)",
        "азимутальная равновеликая Ламберта, центр {place}, WGS 84 (из EPSG:4326)",
    ),
    "equal_earth": ("Equal Earth (EPSG:8857)", "Equal Earth (EPSG:8857)"),
    "equal_earth_america": ("Equal Earth Americas (EPSG:8858)", "Equal Earth Америки (EPSG:8858)"),
    "equal_earth_pacific": (
        "Equal Earth Asia-Pacific (EPSG:8859)",
        "Equal Earth Азия и Тихий океан (EPSG:8859)",
    ),
    # words for those who cannot see the figure
    "alt_map": (
        "Map. {title}. {points} organisations, {clusters} clusters.",
        "Карта. {title}. Организаций: {points}, кластеров: {clusters}.",
    ),
    "alt_cluster": (
        "{badge}: {name}, {n} organisations ({countries}), {verdict}.",
        "{badge}: {name}, организаций: {n} ({countries}), {verdict}.",
    ),
    "spans": ("spans the border", "через границу"),
    "spans per head": ("spans the border per head", "через границу (на жителя)"),
    "spans beyond city size": (
        "spans the border beyond city size",
        "через границу (сверх размера города)",
    ),
    "in two countries, spanning not shown": (
        "in two countries, spanning not shown",
        "в двух странах, связь через границу не доказана",
    ),
    "spans against the controls": (
        "spans the border against the controls",
        "через границу (против контроля)",
    ),
    "spans on a flat background": (
        "spans the border on a flat background",
        "через границу (на ровном фоне)",
    ),
    "in several countries, spanning not shown": (
        "in several countries, spanning not shown",
        "в нескольких странах, связь через границу не доказана",
    ),
    "in one country": ("in one country", "в одной стране"),
}
"""Key → the words in English, in Russian."""
