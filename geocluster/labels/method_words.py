"""Which words tell, under a map, how its clusters were found and tested?"""

from __future__ import annotations

METHOD_WORDS: dict[str, tuple[str, str]] = {
    "method": (
        "{found}; test: {null}, circles to {largest} km, seed {seed}; {version}",
        "{found}; граница: {null}, круги до {largest} км, seed {seed}; {version}",
    ),
    "method_dbscan": ("DBSCAN within {radius} km, at least {minimum}", "DBSCAN до {radius} км, не менее {minimum}"),
    "method_hdbscan": ("HDBSCAN, at least {minimum}", "HDBSCAN, не менее {minimum}"),
    "method_scan": ("scan statistic, circles", "сканирующая статистика, круги"),
    "method_space_time": (
        "space-time scan of founding years",
        "пространственно-временное сканирование годов основания",
    ),
    "method_column": ("clusters given in column {column}", "кластеры из столбца {column}"),
    "method_chameleon": (
        "DBSCAN within {radius} km, at least {minimum}, merged by ties",
        "DBSCAN до {radius} км, не менее {minimum}, слияние по связям",
    ),
    "method_weight": (" and {least} of {column}", " и {least} по столбцу {column}"),
    "null_beside": (
        ", beside a log-Gaussian Cox process",
        ", рядом — логгауссовский процесс Кокса",
    ),
}
