"""Problems from work items: the stage that runs the sources on the workers, and the boundary of what they raise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tracemill.records import Decision
from tracemill.records.finished import Done
from tracemill.settings.errors import TracemillError
from tracemill.settings.failures import classified
from tracemill.settings.plugins import load
from tracemill.sources.golds import read_golds
from tracemill.sources.source import Context, ProblemSource, WorkItem
from tracemill.sources.triage import AnswerPolicy


def make_sources(configs: Sequence[Any], context: Context) -> list[ProblemSource]:
    return [load("source", config.kind)(config, context) for config in configs]


class Produce:
    """Tells problems apart whose expected answer is none, whatever source gave them (`sources/triage.py`). Items are
    addressed as `<source number>/<item id>`."""

    def __init__(self, configs: Sequence[Any], context: Context) -> None:
        self.configs = configs
        self.context = context
        self.sources: list[ProblemSource] = []

    def open(self) -> None:
        self.sources = make_sources(self.configs, self.context)

    def process(self, batch: Sequence[WorkItem]) -> Iterator[Done]:
        for item in batch:
            number, _, name = item.id.partition("/")
            source = self.sources[int(number)]
            try:
                policy = getattr(self.configs[int(number)], "answers", AnswerPolicy())
                records = tuple(read_golds(source.produce(WorkItem(name, item.payload)), policy))
            except BaseException as exc:
                kind = self.configs[int(number)].kind
                failure = classified("source", kind, exc)
                if failure.kind == "trouble":
                    raise TracemillError(
                        f"source {kind!r} could not make {name}: {failure.reason}; run the build again: what is "
                        "finished is kept"
                    ) from exc
                records = (Decision(item.id, "line", False, "the source failed", failure.reason),)
            yield Done(item.id, records)

    def close(self) -> None:
        self.sources = []
