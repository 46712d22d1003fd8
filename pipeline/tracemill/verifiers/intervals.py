"""How sure a measured rate is."""

from __future__ import annotations

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
