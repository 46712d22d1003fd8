"""Whether what a verifier or a claim checker gave is a ruling of the form that the dataset promises.

A plugin that gives none, or one with an outcome of its own, would else fail far from its code, or be published.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from tracemill.claims.claim_checker import Ruling
from tracemill.records import OUTCOMES, STRENGTHS, canonical_json
from tracemill.settings.errors import PluginError
from tracemill.settings.plugins import distribution_of


def well_formed(thing: str, name: str, given: Any) -> Ruling:
    """The ruling that a plugin gave: `well_formed("verifier", "answer", ruling)`.

    Raises:
        PluginError: it is no ruling, or one of its fields has a value that it cannot have.
    """
    for wrong in _wrong(given):
        raise PluginError(f"{thing} {name!r} (package {distribution_of(thing, name)}) gave {wrong}; correct its rule")
    ruling: Ruling = given
    return ruling


def _wrong(given: Any) -> Iterator[str]:
    """What is wrong with it, the first thing first: what follows may rest on that."""
    if not isinstance(given, Ruling):
        yield f"{type(given).__name__} where a Ruling is wanted"
    if given.outcome not in OUTCOMES:
        yield f"the outcome {str(given.outcome)[:80]!r}; there are: {', '.join(OUTCOMES)}"
    if given.strength not in (None, *STRENGTHS):
        yield f"the strength {str(given.strength)[:80]!r}; there are: {', '.join(STRENGTHS)}"
    if not isinstance(given.reason, str):
        yield f"a reason that is not text but {type(given.reason).__name__}"
    if given.score is not None and not isfinite(given.score):
        yield f"the score {given.score}, which is no finite number"
    for field in ("coverage_claims", "coverage_steps"):
        share = getattr(given, field)
        if share is not None and not 0 <= share <= 1:
            yield f"the {field} {share}, which is not from 0 to 1"
    if given.evidence:
        yield from _unwritable(given.evidence)


def _unwritable(evidence: Any) -> Iterator[str]:
    try:
        canonical_json(evidence)
    except (TypeError, ValueError, RecursionError) as exc:
        yield f"evidence that cannot be written as JSON ({str(exc)[:200]})"
