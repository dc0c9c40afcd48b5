"""Which words stand above a column of names, of towns, of postcodes?"""

# ruff: noqa: RUF001, headings of several languages are what this module is about
from __future__ import annotations

from functools import cache

from geocluster.spelling import spelling_key

COLUMNS = (
    *("name", "kind", "weight", "founded", "address", "city", "region", "postcode", "country", "lat", "lon"),
    *("parent",),
)
"""Columns with a meaning; all others are kept as they are."""

# English, German, French, Russian; accents, case, spaces and marks do not matter
_WORDS = {
    "name": """
        company, company name, firm, firm name, organisation, organisation name, organization, organization name,
        name of organisation, name of organization, legal name, institution, institution name, institute,
        institute name,
        enterprise, employer, business name, stakeholder
        Firma, Firmenname, Firmierung, Unternehmen, Unternehmensname, Organisationsname, Name der Organisation,
        Name des Unternehmens, Name der Firma, Einrichtung, Institut, Körperschaft, Betrieb
        Société, Nom de la société, Raison sociale, Entreprise, Nom de l'entreprise, Établissement, Organisme,
        Nom de l'organisme, Nom de l'organisation, Dénomination, Dénomination sociale, Nom, Institution
        Название, Наименование, Название организации, Наименование организации, Организация, Компания,
        Название компании, Предприятие, Фирма, Учреждение, Юридическое лицо, Имя""",
    "kind": """
        type, type of organisation, type of organization, organisation type, organization type
        Typ, Organisationstyp, Organisationsart, Art der Organisation, Einrichtungsart
        type d'organisation, type d'organisme, nature, genre
        Тип, Тип организации, Вид организации""",
    "weight": """
        employees, number of employees, no of employees, employee count, headcount, staff, workforce
        Gewicht, Mitarbeiter, Mitarbeiterzahl, Anzahl Mitarbeiter, Mitarbeitende, Beschäftigte, Beschäftigtenzahl,
        Anzahl Beschäftigte
        poids, effectif, effectifs, salariés, nombre de salariés, nombre d'employés, employés
        Вес, Сотрудники, Число сотрудников, Количество сотрудников, Численность, Численность сотрудников,
        Численность персонала""",
    "founded": """
        established, foundation year, founding year, year founded, year of foundation, year established
        Gründungsjahr, Gegründet, Jahr der Gründung, Gründung
        fondée, fondé, année de création, année de fondation, créée en, fondée en
        Год основания, Основана, Основан, Основано, Год создания""",
    "address": """
        full address, street, street address, postal address, address line 1, street name, affiliation
        Adresse, Anschrift, Strasse, Str., Postadresse, Strasse und Hausnummer, Strasse Hausnummer, Strasse Nr
        rue, adresse postale, adresse complète, voie
        Адрес, Улица, Почтовый адрес, Юридический адрес, Полный адрес""",
    "city": """
        town, city name, municipality, locality, place, city town, town city
        Ort, Stadt, Ortschaft, Gemeinde, Wohnort, Sitz, Standort, Ortsname
        ville, commune, localité
        Город, Населённый пункт, Местоположение, Муниципалитет""",
    "region": """
        state, province, county, admin1, state province, subdivision
        Bundesland, Kanton, Provinz, Landkreis
        région, département, canton
        Регион, Область, Край, Субъект РФ, Субъект федерации""",
    "postcode": """
        zip, zip code, postal code, post code, postcode zip, zip postal code
        PLZ, Postleitzahl
        code postal, CP
        Индекс, Почтовый индекс""",
    "country": """
        nation, country name, country code, country iso, iso country, iso country code
        Land, Staat, Ländercode, Länderkürzel
        pays, code pays
        Страна, Государство, Код страны""",
    "lat": """
        latitude, geo lat, y lat, lat wgs84, latitude wgs84, latitude deg
        Breite, Breitengrad, geografische Breite, geographische Breite, geogr. Breite
        latitude nord
        Широта""",
    "lon": """
        longitude, lng, long, geo lon, geo lng, lon wgs84, longitude wgs84, longitude deg
        Längengrad, geografische Länge, geographische Länge, geogr. Länge
        longitude est
        Долгота""",
    "parent": """
        parent organisation, parent organization, parent company, parent name
        Muttergesellschaft, Mutterunternehmen, Mutterkonzern, Dachorganisation, Träger
        société mère, maison mère, établissement de tutelle, organisme de tutelle
        Материнская компания, Головная организация, Вышестоящая организация""",
}
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def heading_key(cell: str) -> str:
    """Fold a heading to its letters and digits.

    Examples
    --------
    >>> heading_key("Code_Postal"), heading_key("Straße"), heading_key("Населённый пункт")
    ('codepostal', 'strasse', 'населенныипункт')
    """
    return spelling_key(cell).replace(" ", "")


@cache
def _meanings() -> dict[str, str]:
    found = {heading_key(ours): ours for ours in COLUMNS}
    for ours, words in _WORDS.items():
        for word in words.replace("\n", ",").split(","):
            for spelt in (word, word.casefold().translate(_SPELT_OUT)):
                if key := heading_key(spelt):
                    found.setdefault(key, ours)
    return found


def meaning_of(cell: str) -> str | None:
    """Give our name for a heading, or None.

    Examples
    --------
    >>> [meaning_of(cell) for cell in ("PLZ", "Raison sociale", "Gruendungsjahr", "ГОРОД", "Umsatz")]
    ['postcode', 'name', 'founded', 'city', None]
    """
    return _meanings().get(heading_key(cell))
