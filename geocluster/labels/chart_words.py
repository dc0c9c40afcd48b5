"""Which words do charts, curves and matrices show?"""

# ruff: noqa: RUF001 (Cyrillic letters are meant)
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CHART_WORDS: Mapping[str, tuple[str, str]] = {
    # charts
    "whole": ("whole", "всё"),
    "within": ("within countries", "внутри стран"),
    "across": ("across the border", "через границу"),
    "mixed": ("mixed", "смешанное"),
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
    "gearys_c": ("Geary's C", "C Гири"),
    "general_g": ("Getis–Ord G", "G Гетиса – Орда"),
    "unlike_joins": ("unlike joins", "соседства разных видов"),
    "bivariate_morans_i": ("bivariate Moran's I", "двумерный I Морана"),
    "lees_l": ("Lee's L", "L Ли"),
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
    "curve_band": (
        "Light grey: 95 % global envelope, ticks: outside it. Dark: 95 % point by point.",
        "Светлое: глобальная полоса 95 %, штрихи: вне её. Тёмное: 95 % в каждой точке.",
    ),
    "across/within": ("across ÷ within", "через границу ÷ внутри"),
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
    "radius_axis": ("Radius, km; at least {minimum}", "Радиус, км; не менее {minimum}"),
    "radius_axis_circles": (
        "Radius, km; at least {minimum}; circles to {largest} km",
        "Радиус, км; не менее {minimum}; круги до {largest} км",
    ),
    "fragile_exists": ("exists", "существует"),
    "fragile_two": ("in two countries", "в двух странах"),
    "fragile_spans": ("spans", "через границу"),
    "fragile_reference": ("reference", "исходный"),
    "fragile_suggested": ("suggested", "предложен"),
}
"""Key → the words in English, in Russian."""
