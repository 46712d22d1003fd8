"""Verdicts for traces that are there already: the stage behind the `verdicts` phase and `tracemill reverify`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracemill.records import Payload, Verdict
from tracemill.records.finished import Done
from tracemill.running.stage import JudgeOrder
from tracemill.verifiers.verifier import JudgeCase, Verifier, judged_many, make_verifier


class JudgeStage:
    """`verifiers`: names with their parameters. Each judges at once all traces of a batch that want its verdict."""

    def __init__(self, verifiers: Sequence[tuple[str, Payload]]) -> None:
        self.named = tuple(verifiers)
        self.verifiers: dict[str, Verifier] = {}

    def open(self) -> None:
        self.verifiers = {name: make_verifier(name, parameters) for name, parameters in self.named}

    def process(self, batch: Sequence[JudgeOrder]) -> Iterator[Done]:
        verdicts: dict[str, list[Verdict]] = {order.id: [] for order in batch}
        for name, verifier in self.verifiers.items():
            cases = [
                JudgeCase(order.problem, order.trace, order.attempts[name]) for order in batch if name in order.attempts
            ]
            for verdict in judged_many(verifier, cases):
                verdicts[verdict.trace_id].append(verdict)
        for order in batch:
            yield Done(order.id, tuple(verdicts[order.id]))

    def close(self) -> None:
        for verifier in self.verifiers.values():
            verifier.close()
