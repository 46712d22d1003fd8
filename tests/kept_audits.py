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
        if (key := (repr(piece), *_code(piece))) not in _found:
            _found[key] = copy.deepcopy(result(piece))
        return copy.deepcopy(_found[key])

    return found


def _code(piece: CanariesPiece | CasesPiece) -> Iterator[Any]:
    """What a test may have put in the place of the shipped code."""
    names = [piece.verifier[0]] if isinstance(piece, CanariesPiece) else [name for name, _ in piece.verifiers]
    for name in names:
        verifier = load("verifier", name)
        yield from (verifier, verifier.rule, verifier.canaries)
    if isinstance(piece, CasesPiece):
        yield load("task", piece.task)
    yield tuple(sorted(TABLE["claim"].items()))
