"""Verdicts for traces that are there already: the stage behind the `verdicts` phase and `tracemill reverify`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.plugins import load
from pipeline.records import Payload
from pipeline.stage import Done, JudgeOrder
from pipeline.verifiers.base import Verifier, judged


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
