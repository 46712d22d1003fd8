"""Phase 1: the sources' problems, and the lines that gave none."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from tracemill.publishing.hub.published_builds import LINEAGE
from tracemill.records.schema import SCHEMA_VERSION
from tracemill.running.phases.phase import TABLE_SCHEMAS, Build, Work, journaled
from tracemill.running.producing import Produce
from tracemill.sources.source import WorkItem

TABLES = {table: TABLE_SCHEMAS[table] for table in ("problems", "lines")}


class MakeProblems:
    name = "problems"
    guarded = True

    def key(self, build: Build) -> dict[str, Any]:
        parts = {
            name: {"identity": part.identity, "count": part.count}
            for source in build.sources
            for name, part in source.parts().items()
        }
        return {
            "seed": build.config.seed,
            "bench": build.config.split.bench,
            "parts": parts,
            "schema": SCHEMA_VERSION,
            **({"begun": dict(build.begun)} if build.earlier else {}),
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        have = {name: part["count"] for name, part in old["parts"].items()} if old else {}
        journal = work.run.journal(self.name, TABLES, key=key)
        done = journal.done()
        # One after the other: together they are the whole of the sources.
        items = (item for item in _items(build, have) if item.id not in done)
        work.watch.phase(self.name, _left(build, have), "problems")
        stage = Produce(build.config.sources, build.context)
        journaled(work, journal, work.executor.run(stage, items), decisions="lines", counted=("problems", "lines"))
        named = key | {LINEAGE: _lineage(build, old)}
        work.run.commit(self.name, named, TABLES, extend=old is not None)


def _lineage(build: Build, old: Mapping[str, Any] | None) -> str:
    """What tells a build from every other, whatever becomes of its rows. One that is resumed goes on with its name."""
    published = build.published.chain.newest.lineage if build.published else ""
    return str((old or {}).get(LINEAGE, "")) or published or secrets.token_hex(8)


def _left(build: Build, have: Mapping[str, int]) -> int:
    """At most so many problems are still to be made; an interrupted run may have made some."""
    parts = [one for source in build.sources for one in source.parts().items()]
    return sum(part.count - max(have.get(name, 0), build.begun.get(name, 0)) for name, part in parts)


def _items(build: Build, have: Mapping[str, int]) -> Iterator[WorkItem]:
    for number, source in enumerate(build.sources):
        for item in source.items(have):
            yield WorkItem(f"{number}/{item.id}", item.payload, item.bytes)
