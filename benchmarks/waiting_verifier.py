"""The verifier of `judging_beside.py`, in a module that the processes that judge import quickly."""

from __future__ import annotations

import time
from typing import Any

from tracemill.claims.claim_checker import Ruling
from tracemill.verifiers.verifier import Verifier


class WaitingVerifier(Verifier):
    """Waits as for a program of its own."""

    Config = dict
    name, version, scope = "waiting", "1", "trace"
    judge: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, config: object) -> None: ...

    def canaries(self, kinds: object = None) -> tuple[()]:
        return ()

    def rule(self, problem: object, trace: object) -> Ruling:
        time.sleep(0.2)
        return Ruling("verified", "", strength="exact")
