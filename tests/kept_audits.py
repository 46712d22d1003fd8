"""What an audit of verifiers finds, found once for all builds of a test process.

Most tests that build are not about the audit, which takes longer than the rest of a small build: it waits for canaries
that hang. A piece of it is done again only where another verifier, other code of it, other checkers or other cases are
audited. Builds in processes of their own, and those on Ray, audit as usual; so do the tests of the audit.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tracemill.settings.plugins import TABLE, load
from tracemill.verifiers.audit_pieces import CanariesPiece, CasesPiece

_found: dict[tuple[Any, ...], Any] = {}


@contextmanager
def kept_audits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for kind in (CanariesPiece, CasesPiece):
            patch.setattr(kind, "result", _kept(kind.result))
        yield


def _kept(result: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def found(piece: Any) -> Any:
        # Copies: whoever gets them may add to them.
        if (key := (repr(piece), *code_of(piece))) not in _found:
            _found[key] = copy.deepcopy(result(piece))
        return copy.deepcopy(_found[key])

    return found


def code_of(piece: CanariesPiece | CasesPiece) -> Iterator[Any]:
    """What a test may have put in the place of the shipped code."""
    names = [piece.verifier[0]] if isinstance(piece, CanariesPiece) else [name for name, _ in piece.verifiers]
    for name in names:
        yield _methods(load("verifier", name))
    if isinstance(piece, CasesPiece):
        yield _methods(load("task", piece.task))
    yield tuple((kind, _methods(load("claim", kind))) for kind in sorted(TABLE["claim"]))


def _methods(plugin: type) -> tuple[Any, ...]:
    """A class with all that is defined in it and in those that it is made of. The objects themselves, so that none of
    them is another one's successor at the same address."""
    return (plugin, *(Same(value) for one in plugin.__mro__ for value in vars(one).values()))


class Same:
    """Equal to nothing but what holds the same object."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)
