"""Verdicts for traces that are there already: the stage behind the `verdicts` phase and `tracemill reverify`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracemill.records import Payload
from tracemill.records.finished import Done
from tracemill.running.stage import JudgeOrder
from tracemill.settings.plugins import load
from tracemill.verifiers.verifier import Verifier, judged


class JudgeStage:
    """`verifiers`: names with their parameters."""

    def __init__(self, verifiers: Sequence[tuple[str, Payload]]) -> None:
        self.named = tuple(verifiers)
        self.verifiers: dict[str, Verifier] = {}

    def open(self) -> None:
        self.verifiers = {name: load("verifier", name)(**parameters) for name, parameters in self.named}

    def process(self, batch: Sequence[JudgeOrder]) -> Iterator[Done]:
        for order in batch:
            verdicts = tuple(
                judged(self.verifiers[name], order.problem, order.trace, attempt)
                for name, attempt in order.attempts.items()
            )
            yield Done(order.id, verdicts)

    def close(self) -> None:
        for verifier in self.verifiers.values():
            verifier.close()
