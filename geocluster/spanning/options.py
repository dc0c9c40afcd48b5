"""Can the test be run as asked?"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from geocluster.errors import Fault, OptionError
from geocluster.graph import to_number
from geocluster.permutation import whole_number_faults


def is_flat(background: object) -> bool:
    """Whether a flat background was asked for by name."""
    return isinstance(background, str)


def check_options(
    r_max_km: float,
    at_least: int,
    unit: object,
    alpha: float,
    permutations: int | None,
    controls: object,
    cases: object,
    background: object,
    null: object,
    workers: int,
    apart_km: float,
) -> None:
    """Refuse options that cannot be used, all faults at once."""
    faults = []
    if not 0 < to_number(r_max_km) <= 500:
        faults.append(Fault("r_max_km", f"must lie in (0, 500], got {r_max_km!r}.", "25 is usual."))
    if whole_number_faults(at_least=at_least) or at_least < 2:
        faults.append(
            Fault("at_least", f"must be a whole number, at least 2, got {at_least!r}.", "2 asks for any two countries.")
        )
    if unit not in (None, "region", "border"):
        faults.append(Fault("unit", f"must be 'region' or 'border', got {unit!r}.", ""))
    if not 0 < to_number(alpha) < 1:
        faults.append(Fault("alpha", f"must lie between 0 and 1, got {alpha!r}.", "0.05 is usual."))
    if permutations is not None and whole_number_faults(permutations=permutations):
        said = f"must be a whole number from 1 up, got {permutations!r}."
        faults.append(Fault("permutations", said, "Leave it out: it is chosen."))
    if whole_number_faults(workers=workers):
        faults.append(Fault("workers", f"must be a whole number from 1 up, got {workers!r}.", ""))
    if controls is not None and cases is not None:
        faults.append(
            Fault("cases", "takes controls out of the table, but controls are given.", "Give one of the two.")
        )
    if (controls is not None or cases is not None) and background is not None:
        faults.append(Fault("background", "is not used beside controls.", "Give one of the two."))
    if null not in ("redraw", "lgcp"):
        faults.append(Fault("null", f"must be 'redraw' or 'lgcp', got {null!r}.", ""))
    elif null == "lgcp" and (controls is not None or cases is not None):
        faults.append(
            Fault("null", "'lgcp' is for a fitted background; controls cluster as they do.", "Leave null out.")
        )
    if not 0 < to_number(apart_km) < np.inf:
        faults.append(Fault("apart_km", f"must be above 0, got {apart_km!r}.", "10 is usual."))
    if isinstance(background, str) and background != "flat":
        faults.append(Fault("background", f"must be a table or 'flat', got {background!r}.", ""))
    if faults:
        raise OptionError("the options cannot be used:\n  " + "\n  ".join(map(str, faults)))


def check_permutations(permutations: int, borders: int, countries: int, alpha: float) -> None:
    """Refuse so few redraws that nothing could be claimed."""
    need = 2 * borders / alpha if borders else countries / alpha
    if permutations + 1 < need:
        raise OptionError(
            f"with permutations={permutations} the smallest p cannot reach {alpha:g} after the correction: "
            f"nothing could be claimed. Give at least {int(np.ceil(need)) - 1}, or leave it out."
        )


def check_depth(at_least: int, codes: list[str]) -> None:
    """Refuse to ask for more countries in one circle than stand near each other."""
    if 2 <= len(codes) < at_least:
        raise OptionError(
            f"at_least={at_least}, but only {len(codes)} countries with 5 organisations stand near each other "
            f"({', '.join(sorted(codes))}): nothing could be claimed. Give at most {len(codes)}."
        )


def check_question(
    centre: object, radius_km: object, countries: object, at_least: object, asked_first: int, unit: str
) -> None:
    """Refuse a question about a region that cannot be answered, all faults at once."""
    at = [to_number(value) for value in centre] if isinstance(centre, Collection) else []
    faults = []
    if len(at) != 2 or not (-180 <= at[0] <= 180 and -90 <= at[1] <= 90):
        faults.append(Fault("centre", f"must be longitude and latitude in degrees, got {centre!r}.", ""))
    if not 0 < to_number(radius_km) < np.inf:
        faults.append(Fault("radius_km", f"must be above 0, got {radius_km!r}.", "25 is usual."))
    depth = to_number(at_least)
    listed = [] if isinstance(countries, str) or not isinstance(countries, Collection) else list(countries)
    names = {name for name in listed if isinstance(name, str)}
    if countries is not None and (len(names) < max(asked_first, depth) or not all(isinstance(n, str) for n in listed)):
        said = f"must name at least {max(asked_first, depth):g} countries, got {countries!r}."
        faults.append(Fault("countries", said, "Leave it out for all in reach."))
    if whole_number_faults(at_least=at_least):
        faults.append(Fault("at_least", f"must be a whole number, got {at_least!r}.", "2 asks for any two countries."))
    elif depth < asked_first or (depth > 2 and unit == "border"):
        said = f"is {at_least}, but {'borders have two sides' if unit == 'border' else f'{asked_first} was asked'}."
        faults.append(Fault("at_least", said, "Run the test with unit='region' and so many."))
    if faults:
        raise OptionError("the region cannot be explained:\n  " + "\n  ".join(map(str, faults)))
