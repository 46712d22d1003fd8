"""A few problems of a config, solved and judged in this process; nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from tracemill.asking.rollouts import Order
from tracemill.asking.rollouts_here import roll_here
from tracemill.records import Decision, Problem, Trace, Verdict
from tracemill.records.codec import decode
from tracemill.running.build_config import BuildConfig
from tracemill.running.phases.ask_teachers import plan_of
from tracemill.settings.failures import naming_plugins
from tracemill.sources.source import ProblemSource


@dataclass(slots=True)
class SolvedProblem:
    """A problem with what the teacher said, each trace with its verdicts; no trace where it has no solution."""

    problem: Problem
    traces: list[tuple[Trace, list[Verdict]]] = field(default_factory=list)


def first_of_each_part(sources: Sequence[ProblemSource]) -> Iterator[Problem | Decision]:
    """The problems that a build would make first, one of each part of the sources in turn, with the lines that give
    none. What screening rejects is among them."""
    parts = [(source, name) for source in sources for name in source.parts()]
    streams = [_of_part(source, name) for source, name in parts]
    for stream in cycle(list(streams)) if streams else ():
        if stream not in streams:
            continue
        with naming_plugins():
            found = next(stream, None)
        if found is not None:
            yield found
            continue
        streams.remove(stream)
        if not streams:
            return


def _of_part(source: ProblemSource, part: str) -> Iterator[Problem | Decision]:
    others = {name: one.count for name, one in source.parts().items() if name != part}
    for item in source.items(others):
        yield from source.produce(item)


def preview(config: BuildConfig, sources: Sequence[ProblemSource], count: int) -> list[SolvedProblem]:
    """The first `count` problems that there are, solved. Asks the config's teacher for all the samples it asks for.

    Raises:
        PluginError: a plugin has a bug.
    """
    problems = (one for one in first_of_each_part(sources) if isinstance(one, Problem))
    return solved(config, list(islice(problems, count)))


def solved(config: BuildConfig, problems: Sequence[Problem]) -> list[SolvedProblem]:
    """These problems in their order, asked and judged as a build would."""
    found = {problem.id: SolvedProblem(problem) for problem in problems}
    traces: list[Trace] = []
    verdicts: dict[str, list[Verdict]] = defaultdict(list)
    for chunk in roll_here(plan_of(config), map(Order, problems)):
        for table, batch in chunk.tables.items():
            if table == "traces":
                traces += decode(table, batch)
            elif table == "verdicts":
                for verdict in decode(table, batch):
                    verdicts[verdict.trace_id].append(verdict)
    for trace in sorted(traces, key=lambda trace: (trace.problem_id, trace.sample_index, trace.id)):
        found[trace.problem_id].traces.append((trace, verdicts[trace.id]))
    return list(found.values())
