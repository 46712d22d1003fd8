"""How sure a measured rate is."""

from __future__ import annotations

from functools import cache, lru_cache
from math import sqrt

_Z = 1.959963984540054
"""Of 95%, two-sided."""


def wilson(k: float, n: float) -> tuple[float, float]:
    """The 95% score interval of a rate of `k` in `n`; (0, 1) where nothing was measured.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).

    Raises:
        ValueError: `k` is not within 0..n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no rate")
    if n == 0:
        return 0.0, 1.0
    centre = k + _Z**2 / 2
    half = _Z * sqrt(k * (n - k) / n + _Z**2 / 4)
    # At the ends the bound is exact; floating point would leave a speck below 0 or above 1.
    low = 0.0 if k == 0 else (centre - half) / (n + _Z**2)
    high = 1.0 if k == n else (centre + half) / (n + _Z**2)
    return low, high


@cache
def clopper_pearson(k: int, n: int) -> tuple[float, float]:
    """The exact 95% interval of a rate of `k` in `n`; (0, 1) where nothing was measured. It covers at least 95% also
    where sampling stopped at the k-th success, as that of the negative binomial lies within it.

    Source: C. J. Clopper, E. S. Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934).

    Raises:
        ValueError: `k` is not within 0..n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no rate")
    tail = (1 - 0.95) / 2
    low = 0.0 if k == 0 else _beta_quantile(k, n - k + 1, tail)
    high = 1.0 if k == n else _beta_quantile(k + 1, n - k, 1 - tail)
    return low, high


@lru_cache(maxsize=1 << 16)
def beta_below(rate: float, a: float, b: float) -> float:
    """The probability that a variable of the distribution Beta(a, b) is at most `rate`."""
    from mpmath import betainc

    return float(betainc(a, b, 0, rate, regularized=True))


def _beta_quantile(a: float, b: float, probability: float) -> float:
    """By bisection, to 9 digits."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_below(middle, a, b) < probability else (low, middle)
    return (low + high) / 2
