"""Which words do the figures of autocorrelation show?"""

# ruff: noqa: RUF001 (Cyrillic letters are meant)
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NEIGHBOUR_WORDS: Mapping[str, tuple[str, str]] = {
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
}
"""Key → the words in English, in Russian."""
