"""Which city of Japan has a ward of this name?

Addresses in Japan name the ward where others name the city, and GeoNames lists
few of them. The wards are those of the 20 cities designated by ordinance and the
23 of Tokyo.
"""

from __future__ import annotations

from functools import cache

_WARDS = """
Sapporo, Hokkaido: Chuo Kita Higashi Shiroishi Toyohira Minami Nishi Atsubetsu Teine Kiyota
Sendai, Miyagi: Aoba Miyagino Wakabayashi Taihaku Izumi
Saitama, Saitama: Nishi Kita Omiya Minuma Chuo Sakura Urawa Minami Midori Iwatsuki
Chiba, Chiba: Chuo Hanamigawa Inage Wakaba Midori Mihama
Tokyo, Tokyo: Chiyoda Chuo Minato Shinjuku Bunkyo Taito Sumida Koto Shinagawa Meguro Ota Setagaya Shibuya Nakano
Tokyo, Tokyo: Suginami Toshima Kita Arakawa Itabashi Nerima Adachi Katsushika Edogawa
Yokohama, Kanagawa: Tsurumi Kanagawa Nishi Naka Minami Hodogaya Isogo Kanazawa Kohoku Totsuka Konan Asahi Midori
Yokohama, Kanagawa: Seya Sakae Izumi Aoba Tsuzuki
Kawasaki, Kanagawa: Kawasaki Saiwai Nakahara Takatsu Tama Miyamae Asao
Sagamihara, Kanagawa: Midori Chuo Minami
Niigata, Niigata: Kita Higashi Chuo Konan Akiha Minami Nishi Nishikan
Shizuoka, Shizuoka: Aoi Suruga Shimizu
Hamamatsu, Shizuoka: Naka Higashi Nishi Minami Kita Hamakita Tenryu Chuo Hamana
Nagoya, Aichi: Chikusa Higashi Kita Nishi Nakamura Naka Showa Mizuho Atsuta Nakagawa Minato Minami Moriyama Midori
Nagoya, Aichi: Meito Tempaku Tenpaku
Kyoto, Kyoto: Kita Kamigyo Sakyo Nakagyo Higashiyama Shimogyo Minami Ukyo Fushimi Yamashina Nishikyo
Osaka, Osaka: Kita Miyakojima Fukushima Konohana Chuo Nishi Minato Taisho Tennoji Naniwa Nishiyodogawa Yodogawa
Osaka, Osaka: Higashiyodogawa Higashinari Ikuno Asahi Joto Tsurumi Abeno Suminoe Sumiyoshi Higashisumiyoshi Hirano
Osaka, Osaka: Nishinari
Sakai, Osaka: Sakai Naka Higashi Nishi Minami Kita Mihara
Kobe, Hyogo: Higashinada Nada Hyogo Nagata Suma Tarumi Kita Chuo Nishi
Okayama, Okayama: Kita Naka Higashi Minami
Hiroshima, Hiroshima: Naka Higashi Minami Nishi Asaminami Asakita Aki Saeki
Kitakyushu, Fukuoka: Moji Wakamatsu Tobata Kokurakita Kokuraminami Yahatahigashi Yahatanishi
Fukuoka, Fukuoka: Higashi Hakata Chuo Minami Nishi Jonan Sawara
Kumamoto, Kumamoto: Chuo Higashi Nishi Minami Kita
"""


@cache
def _cities() -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for line in _WARDS.strip().splitlines():
        where, _, wards = line.partition(": ")
        city, _, region = where.lower().partition(", ")
        for ward in wards.lower().split():
            found[ward] = (*found.get(ward, ()), (city, region))
    return found


def ward_cities(key: str) -> tuple[tuple[str, str], ...]:
    """Give the cities that have a ward, each with its prefecture, as keys of names.

    Examples
    --------
    >>> ward_cities("yodogawa ku"), ward_cities("naka")[0], ward_cities("basel")
    ((('osaka', 'osaka'),), ('yokohama', 'kanagawa'), ())
    """
    return _cities().get(key.removesuffix(" ku").removesuffix(" district").replace(" ", ""), ())
