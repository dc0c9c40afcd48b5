"""Which words of an address belong to an organisation, not to a place?"""

from __future__ import annotations

import re

_LITTLE = "of and for in at und der die das de la le les du des et a an y e il do da the"
_USUAL = """
academy academia agency association business campus cancer center centre centro centrum children clinic
clinical college company corporation department dept division ecole education engineering escuela
fachhochschule faculdade facultad faculte faculty federal foundation general group gmbh health higher
hochschule hopital hospital inc institut institute instituto instytut international istituto klinik klinikum
laboratory lab ltd limited medical medicine ministry museum national ospedale park physics polytechnic
politecnico polytechnique recherche regional research road royal rue sa school science sciences section state
street strasse studies technical technology technische the trust unit universidad universidade universita
universitaet universitat universite university universitet uniwersytet of and for in at und der die das de la
le les du des et a an y e il do da ag bv nv plc llc avenue boulevard square building floor room box po p o
north south east west new old saint sankt san santa los las el al city main central first second third st
great grand chemistry biology mathematics computer electrical mechanical civil surgery radiology neurology
biochemistry energy environment environmental agriculture agricultural economics social law art arts music
data information systems applied experimental theoretical
"""
LITTLE = frozenset(_LITTLE.split())
"""Words at which no name of a city begins or ends, as they stand in a text."""
INSTITUTION = frozenset(_USUAL.split())
"""Words that are no city within a segment, though villages bear some of them."""
ORGANISATION = re.compile(
    r"\b(?:univ|uni|inst|hochschul|[ée]cole|acad|hospital|h[oô]pital|klini|clini|college|school|labor|cent(?:er|re|ro|rum)"
    r"|minist|gmbh|ltd|inc|corp|compan|f[ao]undation|soci|agency|museum|bank|group|consult|universit|faculty|dep(?:t|art)"
    r"|кафедр|институт|университет)|大学|大學|研究|病院|医院|학교",
    re.IGNORECASE,
)
"""Words that tell an organisation."""
NAMED_AFTER = re.compile(
    r"\b(?:universit(?:y|ies) of|universit[àé] (?:degli studi )?di|universit[éeè] de|universidad de|universidade d[eo]"
    r"|universit[äa]t(?:sklinikum|sspital)?|university hospitals? of|hospital of|city of|university hospital)"
    r"\s+(?:the\s+)?"
    r"(?P<name>[^,;]+)$",
    re.IGNORECASE,
)
"""What an organisation is named after, at the end of its name: University of Basel."""
