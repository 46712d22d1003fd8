"""The one place where an exception of a verifier or a claim checker becomes the outcome `error`, or ends the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tracemill.claims.claim_checker import Ruling
from tracemill.settings.failures import classified

Case = TypeVar("Case")
Result = TypeVar("Result")


def ruled(
    thing: str,
    name: str,
    cases: Sequence[Case],
    one: Callable[[Case], Result],
    many: Callable[[Sequence[Case]], Sequence[Result]],
) -> list[Result | Ruling]:
    """What `many` says of the cases; where it raises, what `one` says of each, and the ruling `error` of those that
    raise alone, too: one bad case is not the outcome of the others. `thing` and `name`: whose code it is.

    Raises:
        PluginError: it raised what shows a bug, such as a TypeError (`settings/failures.py`).
        ValueError: `many` does not give one ruling a case.
    """
    found = _at_once(thing, name, cases, many) if len(cases) > 1 else None
    if found is None:
        return [_ruled(thing, name, case, one) for case in cases]
    if len(found) != len(cases):
        raise ValueError(f"the {thing} {name!r} gave {len(found)} rulings on {len(cases)} cases; correct its rule_many")
    return list(found)


def _at_once(
    thing: str, name: str, cases: Sequence[Case], many: Callable[[Sequence[Case]], Sequence[Result]]
) -> Sequence[Result] | None:
    try:
        return many(cases)
    except BaseException as exc:  # noqa: BLE001  which case it was is found out when each is ruled alone
        classified(_kind(thing), name, exc)
        return None


def _ruled(thing: str, name: str, case: Case, one: Callable[[Case], Result]) -> Result | Ruling:
    try:
        return one(case)
    except BaseException as exc:  # noqa: BLE001  the boundary: all but a bug is data with outcome `error`
        return Ruling("error", classified(_kind(thing), name, exc).reason)


def _kind(thing: str) -> str:
    """A claim checker's kind of plugin is `claim`."""
    return thing.removesuffix(" checker")
