"""Where does one part of an address end and the next begin, when no comma or space tells?"""

from __future__ import annotations

import re

POSTCODE_GB = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
POSTCODE_CA = re.compile(r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b")
POSTCODE_NL = re.compile(r"\b\d{4} ?[A-Z]{2}\b")
_REGION = re.compile(
    r"^(北海道|東京都|(?:大阪|京都)府|[^\W\d]{2,3}県|[^\W\d]{2,8}?(?:省|自治区|自治區)|[가-힣]{2,6}도(?=\s))\s*(?=\S)"
)
_PLACE = re.compile(r"(?<=[市区區县縣町村시군구])\s*(?=.)")
_SUFFIX = re.compile(r"(?<=..)(?:特别市|特別市|특별시|광역시|特別自治市|市|区|區|县|縣|町|村|시|군|구)$")
MOST = 3
_TOKYO = "東京都"


def split_unspaced(text: str) -> tuple[str, list[str]]:
    """Cut an address in Chinese, Japanese or Korean after its province and its places.

    Parameters
    ----------
    text : str

    Returns
    -------
    region : str
        The province or prefecture that it begins with; empty where it begins with none.
    places : list of str
        What follows, the largest first, without the word for city or district; the
        whole text where nothing can be cut.

    Examples
    --------
    >>> split_unspaced("神奈川県横浜市港北区")
    ('神奈川県', ['横浜', '港北'])
    >>> split_unspaced("北京市海淀区颐和园路5号")
    ('', ['北京', '海淀', '颐和园路5号'])
    >>> split_unspaced("東京都文京区本郷7丁目")
    ('東京都', ['東京', '文京', '本郷7丁目'])
    """
    found = _REGION.match(text)
    region, rest = (found[1], text[found.end() :]) if found else ("", text)
    places = [_SUFFIX.sub("", part) for part in _PLACE.split(rest)[:MOST]]
    return region, ["東京", *places] if region == _TOKYO else places
