"""Which words do the figures show, in English and in Russian?

One table holds them all. Names of places and of organisations are data, and
stay as they are written.
"""

# ruff: noqa: RUF001 (Cyrillic letters are meant)
from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geocluster.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "ru")

WORDS: Mapping[str, tuple[str, str]] = {
    # the table
    "cluster": ("Cluster", "Кластер"),
    "n": ("n", "n"),
    "countries": ("Countries", "Страны"),
    "p": ("p", "p"),
    "p_per_head": ("per head", "на жителя"),
    "p_beyond_city_size": ("beyond city size", "сверх размера"),
    "p_controls": ("beyond controls", "сверх контроля"),
    "group_spans": ("Spanning a border", "Через границу"),
    "group_not_shown": (
        "In two countries, spanning not shown",
        "В двух странах, связь через границу не доказана",
    ),
    "group_not_shown_many": (
        "In several countries, spanning not shown",
        "В нескольких странах, связь не доказана",
    ),
    "group_national": ("Within one country", "В одной стране"),
    "no_clusters": ("No cluster was found.", "Кластеров не найдено."),
    "further_clusters": (
        "and {count} more, for which there is no room here",
        "и ещё {count}, для которых нет места",
    ),
    "further_national": ("and {count} more within one country", "и ещё {count} в одной стране"),
    "border-made": ("border-made", "создан границей"),
    "bridged": ("bridged", "сросшийся"),
    "spill-over": ("spill-over", "выход за границу"),
    "national": ("national", "национальный"),
    "chain": ("chain", "цепь"),
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
        "организаций на карте: {placed}; кластеров: {clusters}",
    ),
    "placed_and_aside": (
        "{placed} stakeholders placed, {aside} set aside; {clusters} clusters",
        "организаций на карте: {placed}, отложено: {aside}; кластеров: {clusters}",
    ),
    "source_places": (
        "places and population GeoNames (CC BY 4.0)",
        "населённые пункты и население GeoNames (CC BY 4.0)",
    ),
    "source_borders": ("borders country-coder (ISC)", "границы country-coder (ISC)"),
    "source_coast": (
        "coast and lakes Natural Earth (public domain)",
        "берега и озёра Natural Earth (общественное достояние)",
    ),
    "method": (
        "DBSCAN within {radius} km, at least {minimum}; test: {null}, circles to {largest} km, seed {seed}; {version}",
        "DBSCAN до {radius} км, не менее {minimum}; граница: {null}, круги до {largest} км, seed {seed}; {version}",
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
    # Moran's scatter and the permutations beside it
    "moran_title": ("Moran's I of {column}, at home and across the border", "I Морана: {column}, дома и через границу"),
    "bivariate_moran_title": (
        "Moran's I of {column} with {other} nearby, at home and across the border",
        "I Морана: {column} и {other} у соседей, дома и через границу",
    ),
    "moran_subtitle": (
        "Moran scatter and permutation test, pairs split by the border",
        "Диаграмма Морана и перестановочный тест, пары разделены границей",
    ),
    "scatter_value": ("{column} (z-score)", "{column} (z-оценка)"),
    "scatter_near": ("Mean of its neighbours (z-score)", "Среднее соседей (z-оценка)"),
    "scatter_other": ("Mean {other} of its neighbours (z-score)", "Среднее {other} у соседей (z-оценка)"),
    "scatter_within": ("same country ({n})", "та же страна ({n})"),
    "scatter_across": ("across the border ({n})", "через границу ({n})"),
    "low_high": ("low, neighbours high", "низкое, у соседей высокое"),
    "high_high": ("high, neighbours high", "высокое, у соседей тоже"),
    "low_low": ("low, neighbours low", "низкое, у соседей тоже"),
    "high_low": ("high, neighbours low", "высокое, у соседей низкое"),
    "part_whole": ("All pairs", "Все пары"),
    "part_within": ("Within countries", "Внутри стран"),
    "part_across": ("Across borders", "Через границу"),
    "share_of_weights": ("{share} % of the weights", "{share} % весов"),
    "drawn_stratified": ("{draws} permutations\nwithin each country", "{draws} перестановок\nвнутри каждой страны"),
    "drawn_complete": ("{draws} permutations\nover all countries", "{draws} перестановок\nпо всем странам"),
    "drawn_surrogate": (
        "{draws} surrogates of {redrawn},\n{held} held",
        "{draws} суррогатов {redrawn},\n{held} неизменно",
    ),
    "drawn_permutation": (
        "{draws} permutations of {redrawn},\n{held} held",
        "{draws} перестановок {redrawn},\n{held} неизменно",
    ),
    "holm_over": ("(Holm over {pairs} pairs: {p})", "(Холм, пар стран {pairs}: {p})"),
    "over_these_pairs": ("Moran's I over these pairs", "I Морана по этим парам"),
    "p_is": ("p = {value}", "p = {value}"),
    "not_tested": ("not tested", "не проверялось"),
    "moran_method": (
        "Black bar: central 95 % of the null. Across: standardised in each country. {n} rows; seed {seed}; {version}.",
        "Чёрная полоса: средние 95 %. Через границу: z внутри каждой страны. Строк: {n}; seed {seed}; {version}.",
    ),
    # hot spots
    "local_moran": ("Local Moran's I of {column}", "Локальный I Морана: {column}"),
    "local_geary": ("Local Geary's C of {column}", "Локальный C Гири: {column}"),
    "local_getis_ord": ("Getis–Ord G of {column}", "G Гетиса – Орда: {column}"),
    "local_getis_ord_star": ("Getis–Ord G* of {column}", "G* Гетиса – Орда: {column}"),
    "local_join_count": ("Local join counts of {column}", "Локальные соединения: {column}"),
    "local_bivariate_moran": ("Local bivariate Moran's I of {column}", "Двумерный локальный I Морана: {column}"),
    "local_quotient": ("Local colocation quotient: {column}", "Локальный коэффициент соседства: {column}"),
    "near": ("{column} near {other}", "{column} рядом с {other}"),
    "hot_subtitle": ("{found} of {tested} places significant", "значимых мест: {found} из {tested}"),
    "hot_rule": ("false discovery rate {alpha} % ({rule}), {draws}", "доля ложных находок {alpha} % ({rule}), {draws}"),
    "hot_draws": ("{draws} permutations", "{draws} перестановок"),
    "hot_exact": ("exact", "точно"),
    "hot_border-made": ("Only with neighbours abroad", "Только с соседями за границей"),
    "hot_border-made_note": ("lost if they were an average of their country", "пропало бы при средних соседях оттуда"),
    "hot_joint": ("At home, and more with those abroad", "И дома, и с соседями за границей"),
    "hot_joint_note": ("both sides add to it", "прибавляют обе стороны"),
    "hot_national": ("On neighbours at home", "На соседях в своей стране"),
    "hot_national_note": ("no difference shown from abroad", "разница из-за границы не показана"),
    "hot_not significant": ("Not significant", "Незначимо"),
    "hot_not tested": ("Not tested", "Не проверялось"),
    "hot_high": ("high among high", "высокое среди высоких"),
    "hot_low": ("low among low", "низкое среди низких"),
    "hot_mixed": ("unlike its neighbours", "не как соседи"),
    "hot_hot": ("hot", "горячее"),
    "hot_cold": ("cold", "холодное"),
    "hot_alike": ("like its neighbours", "как соседи"),
    "hot_shapes": ("Significant places", "Значимые места"),
    "hot_by_country": ("Significant places by country", "Значимые места по странам"),
    "hot_descriptive": (
        "The classes describe, they prove nothing: permutation finds too many where values are alike inside a country.",
        "Классы лишь описывают: перестановки находят слишком много там, где значения внутри страны схожи.",
    ),
    "hot_method": (
        "Neighbours redrawn {null}, the place held; {rule}; seed {seed}",
        "Соседи разыграны {null}, само место неизменно; {rule}; seed {seed}",
    ),
    "hot_stratified": ("within their own country", "внутри своей страны"),
    "hot_complete": ("over all countries", "по всем странам"),
    "hot_alt": (
        "Map. {title}. {found} of {tested} places significant: {classes}.",
        "Карта. {title}. Значимых мест {found} из {tested}: {classes}.",
    ),
    # charts
    "whole": ("whole", "всё"),
    "within": ("within countries", "внутри стран"),
    "across": ("across the border", "через границу"),
    "observed": ("observed {value}", "наблюдается {value}"),
    "expected": ("expected", "ожидается"),
    "redraws": ("redraws", "перестановки"),
    "expected_band": ("expected ± 2 sd", "ожидается ± 2 ст. откл."),
    "rows": ("rows", "строк"),
    "outcome_given": ("coordinates given", "координаты даны"),
    "outcome_address": ("placed: address", "найдено: адрес"),
    "outcome_postcode": ("placed: postcode", "найдено: индекс"),
    "outcome_city": ("placed: city", "найдено: город"),
    "outcome_region": ("placed: region only", "найдено: только регион"),
    "outcome_ambiguous": ("ambiguous", "неоднозначно"),
    "outcome_conflict": ("contradictory", "противоречие"),
    "outcome_coarse": ("country only", "только страна"),
    "outcome_not_found": ("not found", "не найдено"),
    "outcome_bad_input": ("nothing usable", "нет данных"),
    "observed_over_expected": ("observed / expected", "наблюдается / ожидается"),
    "units_folded": ("units folded in", "присоединено подразделений"),
    "rows_found": ("rows that name an organisation again", "строк с уже названной организацией"),
    "cells_conflicting": ("cells that say otherwise", "ячеек с иным значением"),
    "same name": ("same name", "то же название"),
    "same name, legal form aside": ("same name, legal form aside", "то же название без правовой формы"),
    "same name, other legal form": ("same name, other legal form", "то же название, иная правовая форма"),
    "same words": ("same words", "те же слова"),
    "same letters": ("same letters", "те же буквы"),
    "near name": ("near name", "сходное название"),
    # the correlogram
    "correlogram_within_km": ("neighbours within (km)", "соседи в пределах (км)"),
    "correlogram_bins_km": ("distance, end of the ring (km)", "расстояние, конец кольца (км)"),
    "correlogram_nearest": ("nearest neighbours", "ближайших соседей"),
    "correlogram_over_pairs": ("{statistic} over these pairs", "{statistic} по этим парам"),
    "correlogram_title": (
        "{statistic} of {column} by distance",
        "{statistic} ({column}) в зависимости от расстояния",
    ),
    "correlogram_title_nearest": (
        "{statistic} of {column} by number of neighbours",
        "{statistic} ({column}) в зависимости от числа соседей",
    ),
    "morans_i": ("Moran's I", "I Морана"),
    "correlogram_subtitle": (
        "n = {n}; null: {draws} permutations within countries; across the border against its own null",
        "n = {n}; нулевая гипотеза: {draws} перестановок внутри стран; через границу – своя",
    ),
    "correlogram_key": (
        "filled: p up to 0.05 after Holm; grey: 95 % global envelope",
        "залито: p до 0,05 по Холму; серое: общая полоса 95 %",
    ),
    "correlogram_source": (
        "WGS 84 (EPSG:4326), distances on the ellipsoid; seed {seed}; geocluster {version}.",
        "WGS 84 (EPSG:4326), расстояния на эллипсоиде; seed {seed}; geocluster {version}.",
    ),
    # the matrix of kinds
    "matrix_title": ("Which kinds stand near which", "Какие виды стоят рядом с какими"),
    "matrix_subtitle": (
        (
            "Kind of a row near kind of a column, times what chance gives (n = {n}; {draws} redraws inside "
            "countries; false discovery rate {alpha} % over all pairs)"
        ),
        (
            "Вид строки рядом с видом столбца, во сколько раз чаще случайного (n = {n}; {draws} розыгрышей внутри "
            "стран; доля ложных находок {alpha} % по всем парам)"
        ),
    ),
    "matrix_found": ("{found} of {tested} pairs are not chance", "неслучайных пар: {found} из {tested}"),
    "matrix_more": ("more than chance", "чаще случайного"),
    "matrix_fewer": ("fewer than chance", "реже случайного"),
    "matrix_unsure": ("not shown to differ", "различие не доказано"),
    "matrix_none": ("nothing claimed: too few, or not defined", "не судим: слишком мало или не определено"),
    "matrix_source": (
        (
            "Colocation quotients; discs grow with the ratio, to 4 or 1/4. WGS 84 (EPSG:4326); seed {seed}; "
            "geocluster {version}."
        ),
        (
            "Коэффициенты соседства; круги растут с отношением, до 4 или 1/4. WGS 84 (EPSG:4326); seed {seed}; "
            "geocluster {version}."
        ),
    ),
    "matrix_alt": (
        "{title}: two matrices of kinds, within countries and across the border. Across, not chance: {found}.",
        "{title}: две матрицы видов, внутри стран и через границу. Через границу неслучайны: {found}.",
    ),
    # curves of pairs
    "curve_pairs_within": (
        "{first} near {second}: pairs within a distance",
        "{first} и {second}: пары не дальше расстояния",
    ),
    "curve_pairs_at": ("{first} near {second}: pairs at a distance", "{first} и {second}: пары на расстоянии"),
    "curve_nearest_within": (
        "{first} near {second}: nearest ones within a distance",
        "{first} и {second}: ближайшие не дальше расстояния",
    ),
    "curve_M": (
        "{first} near {second}: share among all within a distance",
        "{first} и {second}: доля среди всех не дальше расстояния",
    ),
    "curve_m": (
        "{first} near {second}: share among all at a distance",
        "{first} и {second}: доля среди всех на расстоянии",
    ),
    "curve_Kd": ("{first} near {second}: density of distances", "{first} и {second}: плотность расстояний"),
    "curve_mark_connection": (
        "{first} near {second}: share among pairs at a distance",
        "{first} и {second}: доля среди пар на расстоянии",
    ),
    "curve_distance": ("distance (km)", "расстояние (км)"),
    "curve_band": ("Grey: 95 % global envelope; ticks: outside it.", "Серое: глобальная полоса 95 %; штрихи: вне её."),
    "curve_background": (
        "Null: {draws} redraws over each country's background",
        "Розыгрышей по фону каждой страны: {draws}",
    ),
    "curve_labelling": (
        "Null: {draws} permutations of kinds inside each country",
        "Перестановок видов внутри каждой страны: {draws}",
    ),
    "curve_controls": (
        "Null: {draws} permutations among cases and controls inside each country",
        "Перестановок среди случаев и контроля внутри каждой страны: {draws}",
    ),
    "curve_shift": ("Null: {draws} random shifts on a torus", "Случайных сдвигов на торе: {draws}"),
    "curve_unresolved": ("not resolved", "не различимо"),
    "curve_nothing": ("nothing is claimed", "ничего не утверждается"),
    "curve_p": ("p of the curve {p}", "p кривой {p}"),
    "curve_attraction": ("of attraction {p}", "притяжения {p}"),
    "curve_crs": ("CRS: {name}", "координаты: {name}"),
    "curve_precision": (
        "half of the positions are known no better than {km} km",
        "половина положений известна не точнее {km} км",
    ),
    "curve_seed": ("seed {seed}; geocluster {version}", "seed {seed}; geocluster {version}"),
    "jaccard": ("Jaccard similarity", "Сходство по Жаккару"),
    "delta": ("Border dependence δ, {level} interval", "Зависимость от границы δ, интервал {level}"),
    "radius_axis": ("Radius, km", "Радиус, км"),
    "fragile_exists": ("exists", "существует"),
    "fragile_two": ("in two countries", "в двух странах"),
    "fragile_spans": ("spans", "через границу"),
    "fragile_reference": ("reference", "исходный"),
    "fragile_suggested": ("suggested", "предложен"),
}
"""Key → the words in English, in Russian."""


def text(key: str, language: str = "en", **values: object) -> str:
    """Give the words of a key in a language, its values filled in.

    Parameters
    ----------
    key : str
        A key of `WORDS`.
    language : {"en", "ru"}
    **values
        What stands in braces in the words.

    Raises
    ------
    OptionError
        If there is no such language or no such key.

    Examples
    --------
    >>> text("further_national", count=3)
    'and 3 more within one country'
    >>> text("firm", "ru")
    'Фирма'
    """
    check_language(language)
    if key not in WORDS:
        raise OptionError(f"there are no words for {key!r}.")
    words = WORDS[key][LANGUAGES.index(language)]
    return words.format(**values) if values else words


def check_language(language: str) -> None:
    """Refuse a language that the table does not have.

    Examples
    --------
    >>> check_language("la")
    Traceback (most recent call last):
    geocluster.errors.OptionError: language must be 'en' or 'ru', got 'la'.
    """
    if language not in LANGUAGES:
        raise OptionError(f"language must be 'en' or 'ru', got {language!r}.")


def number(value: float, language: str = "en", *, decimals: int = 0) -> str:
    """Write a number with the language's decimal sign and thin spaces between thousands.

    Examples
    --------
    >>> number(0.0125, "ru", decimals=3), number(12345)
    ('0,013', '12\u202f345')
    """
    words = f"{value:,.{decimals}f}".replace(",", "\u202f")
    return words.replace(".", ",") if language == "ru" else words


def p_value(value: float, language: str = "en") -> str:
    """Write a p-value as it is, to the digits that it has: never '<', a dash where there is none.

    Examples
    --------
    >>> p_value(0.002), p_value(0.0002), p_value(0.31), p_value(float("nan"))
    ('0.002', '0.0002', '0.31', '–')
    """
    if value != value:
        return "–"
    if value >= 0.9995:
        return "1"
    if value >= 0.095 or value <= 0:
        return number(value, language, decimals=2)
    # at least three, and as many as show the first digit that is not nought
    return number(value, language, decimals=max(3, math.ceil(-math.log10(value / 0.95) - 1e-9)))


_COUNTRIES_RU: Mapping[str, str] = {
    "AD": "Андорра", "AL": "Албания", "AT": "Австрия", "BA": "Босния и Герцеговина", "BE": "Бельгия",
    "BG": "Болгария", "BY": "Белоруссия", "CA": "Канада", "CH": "Швейцария", "CN": "Китай", "CY": "Кипр",
    "CZ": "Чехия", "DE": "Германия", "DK": "Дания", "EE": "Эстония", "ES": "Испания", "FI": "Финляндия",
    "FR": "Франция", "GB": "Великобритания", "GR": "Греция", "HR": "Хорватия", "HU": "Венгрия",
    "IE": "Ирландия", "IS": "Исландия", "IT": "Италия", "KZ": "Казахстан", "LI": "Лихтенштейн",
    "LT": "Литва", "LU": "Люксембург", "LV": "Латвия", "MC": "Монако", "MD": "Молдавия",
    "ME": "Черногория", "MK": "Северная Македония", "MT": "Мальта", "MX": "Мексика", "NL": "Нидерланды",
    "NO": "Норвегия", "PL": "Польша", "PT": "Португалия", "RO": "Румыния", "RS": "Сербия", "RU": "Россия",
    "SE": "Швеция", "SI": "Словения", "SK": "Словакия", "SM": "Сан-Марино", "TR": "Турция",
    "UA": "Украина", "US": "США", "VA": "Ватикан", "XK": "Косово",
}  # fmt: skip


def country_name(code: str, language: str = "en", *, english: str) -> str:
    """Give the name of a country for a map: the English one where the table has no other.

    Examples
    --------
    >>> country_name("DE", english="Germany"), country_name("DE", "ru", english="Germany")
    ('Germany', 'Германия')
    """
    check_language(language)
    return english if language == "en" else _COUNTRIES_RU.get(code, english)
