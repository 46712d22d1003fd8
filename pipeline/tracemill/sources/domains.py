"""Problems made by the domains themselves: as many as wanted, at the difficulty wanted, with formal premises."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import cache, cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tracemill.records import Check, Decision, Problem, Source, fingerprint, problem_id, split_of
from tracemill.records.licences import Notice, UnknownLicenceError, spdx
from tracemill.settings.errors import UsageError
from tracemill.settings.failures import expected, made
from tracemill.sources.source import Context, SourcePart, WorkItem
from tracemill.tasks.available import available
from tracemill.tasks.task import Draft, Request, Task, task_versions

ITEM_SIZE = 64
_GOLDEN = 0.6180339887498949
_LOG = logging.getLogger(__name__)


class DomainsConfig(BaseModel):
    """`select` are shell patterns of tasks; one that lacks what it needs (`Task.missing`) is left out with a warning,
    unless its whole name stands there. `*` leaves out tasks that are solved with tools, which only the strategy `agent`
    asks: name them, as in `code.repository.*`. `per_task` comes on top of what builds before this one made
    (`incremental`). `difficulty` is the band of the knob."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["domains"]
    select: tuple[str, ...] = ("*",)
    per_task: int = Field(ge=1, le=10**8)
    difficulty: tuple[float, float] = (0.0, 1.0)

    @model_validator(mode="after")
    def _band(self) -> DomainsConfig:
        low, high = self.difficulty
        if not 0 <= low <= high <= 1:
            raise ValueError(f"difficulty {list(self.difficulty)} is not a band within [0, 1]; write e.g. [0.1, 0.9]")
        if not self.select:
            raise ValueError("select names no domain; write e.g. ['math.*'] or ['*']")
        return self


class DomainsSource:
    Config = DomainsConfig

    def __init__(self, config: DomainsConfig, context: Context) -> None:
        self.config = config
        self.context = context
        self._domains: dict[str, Task] = {}

    def check(self) -> None:
        for note in available(self.config.select).notes:
            _warn(note)
        for task in self._tasks:
            try:
                spdx(self._domain(task).licence)
            except UnknownLicenceError as exc:
                raise UsageError(f"task {task!r}: its licence {exc}") from exc

    def parts(self) -> Mapping[str, SourcePart]:
        band = list(self.config.difficulty)
        return {
            task: SourcePart({**task_versions(self._domain(task)), "task": task, "difficulty": band}, self._limit(task))
            for task in self._tasks
        }

    def upper_bound(self) -> Mapping[str, int]:
        bounds = {}
        for task, part in self.parts().items():
            themes = self._domain(task).themes
            for place, theme in enumerate(themes):
                used = len(range(place, self._begun(task), len(themes)))
                bounds[f"{task}.{theme}"] = len(range(place, part.count, len(themes))) - used
        return bounds

    def languages(self) -> Sequence[str]:
        return sorted({self._domain(task).language for task in self._tasks})

    def notices(self) -> Sequence[Notice]:
        return [notice for task in self._tasks for notice in self._domain(task).notices()]

    def items(self, done: Mapping[str, int]) -> Iterator[WorkItem]:
        for task, part in self.parts().items():
            for start in range(max(done.get(task, 0), self._begun(task)), part.count, ITEM_SIZE):
                stop = min(start + ITEM_SIZE, part.count)
                yield WorkItem(f"{task}:{start}-{stop}", {"task": task, "start": start, "stop": stop})

    def produce(self, item: WorkItem) -> Iterable[Problem | Decision]:
        task = item.payload["task"]
        domain = self._domain(task)
        for index in range(item.payload["start"], item.payload["stop"]):
            try:
                problem = self._problem(domain, index)
            except RuntimeError as exc:
                yield Decision(f"{task}:{index}", "line", False, "the domain made no problem", str(exc))
                continue
            if problem is not None:
                yield problem

    @cached_property
    def _tasks(self) -> list[str]:
        named = [pattern for pattern in self.config.select if pattern != "*"]
        return [
            name
            for name in available(self.config.select).names
            if not getattr(self._domain(name), "calls_tools", False) or any(fnmatch(name, one) for one in named)
        ]

    def _domain(self, task: str) -> Task:
        if task not in self._domains:
            self._domains[task] = made("task", task)
        return self._domains[task]

    def _limit(self, task: str) -> int:
        capacity = self._domain(task).capacity(self.config.difficulty)
        wanted = self._begun(task) + self.config.per_task
        return wanted if capacity is None else min(capacity, wanted)

    def _begun(self, task: str) -> int:
        """Indices that builds before this one used."""
        return self.context.begun.get(task, 0)

    def _problem(self, domain: Task, index: int) -> Problem | None:
        seed = int(fingerprint(self.context.seed, domain.name, index, digits=12), 16)
        low, high = self.config.difficulty
        request = Request(
            index=index,
            theme=domain.themes[index % len(domain.themes)],
            # Low-discrepancy: the band is covered evenly at every length, and index i is the same in every build.
            difficulty=low + (high - low) * ((index + 1) * _GOLDEN % 1.0),
            band=self.config.difficulty,
            rng=random.Random(seed),
        )
        draft = domain.make(request)
        if draft is None:
            return None
        expected("task", domain.name, draft, Draft)
        for given, wanted in ((draft.prompt, str), (draft.answer, str), (draft.check, Check)):
            expected("task", domain.name, given, wanted)
        return problem_from(draft, domain, request, seed, self.context.bench_share)


@cache
def _warn(note: str) -> None:
    """Once: a config is checked when it is read and when it is built."""
    _LOG.warning("%s", note)


def problem_from(draft: Draft, domain: Task, request: Request, seed: int, bench_share: float) -> Problem:
    """The problem's record: ids, group, split and origin added to what the domain drafted."""
    source = Source(
        "domains", f"{domain.name}@{domain.version}", spdx(draft.licence or domain.licence), request.index, seed
    )
    name = f"{domain.name}.{request.theme}"
    group = fingerprint(draft.family or domain.name, draft.group)
    metadata: dict[str, Any] = {"instance": draft.instance}
    return Problem(
        id=problem_id(source, name, draft.system, draft.prompt, draft.tools),
        group_id=group,
        domain=name,
        prompt=draft.prompt,
        answer=draft.answer,
        check=draft.check,
        source=source,
        split=split_of(group, bench_share) if draft.may_be_held_out else "train",
        system=draft.system,
        tools=draft.tools,
        premises=draft.premises,
        difficulty=request.difficulty if draft.difficulty is None else draft.difficulty,
        tags=draft.tags,
        metadata=metadata,
    )
