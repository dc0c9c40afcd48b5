"""Are at least u of k hypotheses false, given independent p-values?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from geocluster.errors import Fault, OptionError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Combination = Literal["bonferroni", "simes", "fisher", "stouffer"]


def partial_conjunction(p: ArrayLike, *, at_least: int = 2, combination: Combination = "simes") -> NDArray[np.float64]:
    """Combine k p-values into one for "at least u of the k hypotheses are false".

    The k - u + 1 largest p-values, p_(u) ≤ … ≤ p_(k), are combined. This is the
    general tool; `spanning_test` does not use it, since its p-values of several
    countries come from a search: there K · p_(u) pays for it.

    Parameters
    ----------
    p : array_like, shape (..., k)
        p-values; the last axis holds the k hypotheses.
    at_least : int, default 2
        u, from 1 (the global null) to k (all of them).
    combination : {"simes", "bonferroni", "fisher", "stouffer"}
        ``bonferroni`` (k - u + 1) p_(u), under any dependence; ``simes``
        min_i (k - u + 1)/i · p_(u-1+i), under positive dependence; ``fisher``
        -2 Σ ln p_(i) on χ² with 2(k - u + 1) degrees of freedom, and ``stouffer``
        Σ z_(i) / √(k - u + 1), if independent.

    Returns
    -------
    ndarray, shape (...)
        NaN where any p is missing.

    Raises
    ------
    OptionError
        With all faults.

    References
    ----------
    Benjamini & Heller (2008), Biometrics 64:1215-1222, eq. 2-5.

    Examples
    --------
    >>> float(partial_conjunction([0.001, 0.02, 0.4], at_least=2, combination="bonferroni"))
    0.04
    >>> partial_conjunction([[0.001, 0.02, 0.4], [0.001, 0.02, 0.03]], at_least=3)
    array([0.4 , 0.03])
    """
    values = np.asarray(p, dtype=np.float64)
    k = values.shape[-1] if values.ndim else 0
    faults = []
    if k < 1:
        faults.append(Fault("p", "holds no p-values.", "Give one for each hypothesis, along the last axis."))
    elif ((values < 0) | (values > 1)).any():
        faults.append(Fault("p", "must lie between 0 and 1.", ""))
    if k and not 1 <= at_least <= k:
        faults.append(Fault("at_least", f"must lie between 1 and the {k} hypotheses, got {at_least}.", ""))
    if combination not in ("bonferroni", "simes", "fisher", "stouffer"):
        faults.append(Fault("combination", f"must be simes, bonferroni, fisher or stouffer, got {combination!r}.", ""))
    if faults:
        raise OptionError("p-values cannot be combined:\n  " + "\n  ".join(map(str, faults)))
    from scipy import stats

    largest = np.sort(values, axis=-1)[..., at_least - 1 :]
    terms = k - at_least + 1
    with np.errstate(divide="ignore"):
        if combination == "bonferroni":
            result = terms * largest[..., 0]
        elif combination == "simes":
            result = (largest * (terms / np.arange(1, terms + 1))).min(axis=-1)
        elif combination == "fisher":
            result = stats.chi2.sf(-2 * np.log(largest).sum(axis=-1), 2 * terms)
        else:
            result = stats.norm.sf(stats.norm.isf(largest).sum(axis=-1) / np.sqrt(terms))
    missing = np.isnan(values).any(axis=-1)
    return np.asarray(np.where(missing, np.nan, np.minimum(1.0, result)))
