"""A problem with all that is needed to judge an answer to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from tracemill.records.canonical import Payload, fingerprint
from tracemill.records.finish_reasons import FinishReason
from tracemill.records.labels import Label
from tracemill.records.turn import Turn

Split = Literal["train", "bench"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a checker can decide. `kind` names the checker; the payload's keys are that checker's contract."""

    kind: str
    payload: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """How an answer is judged: `kind` is one of the `answer` verifier's, or `code`; `spec` its parameters."""

    kind: str
    spec: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """A solution that came with the problem: `text` is the last reply, its reasoning within tags where it has some, and
    `before` the turns that stand before it (tools called, and what they gave back).

    `labels`: what was said of it where it comes from. `finish_reason`: why it ended, as far as its source says.
    """

    author: str
    text: str
    labels: tuple[Label, ...] = ()
    finish_reason: FinishReason | None = None
    before: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a problem comes from. `licence` is an SPDX expression; `index` counts within the source."""

    name: str
    revision: str
    licence: str
    index: int
    seed: int


TASK = r"^([^.]*(?:\.[^.]*){0,2})"
"""The task within a problem's domain, as a regular expression: `area.field.task` of `area.field.task.theme`. Of a
plugin's domain that has fewer parts it is the whole, so that every problem has a task."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A task with what is needed to judge an answer to it.

    `id` hashes source name, source revision, source index, domain, system, prompt and tools.
    `premises` are the prompt in formal terms: what the claims of a solution may rest on. A premise of kind `symbols`
    declares names and their sorts.
    `answer`, `check` and `premises` never enter a prompt, or the cage of a program that is judged: of a check of kind
    `code` the inputs of its tests do, and a question may show a test. Where `metadata["answer"]` is `unknown`, nobody
    knows the answer, and `answer` is empty.
    `metadata["instance"]`, where a domain made the problem, is all its solver needs.
    """

    id: str
    group_id: str
    domain: str
    prompt: str
    answer: str
    check: Check
    source: Source
    split: Split = "train"
    system: str = ""
    tools: tuple[Payload, ...] = ()
    premises: tuple[Claim, ...] = ()
    references: tuple[Reference, ...] = ()
    difficulty: float | None = None
    parent_id: str | None = None
    relation: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Payload = field(default_factory=dict)

    @property
    def task(self) -> str:
        """`area.field.task`, see `TASK`."""
        found = re.match(TASK, self.domain)
        assert found is not None, "the expression matches every text"
        return found[1]

    @property
    def area(self) -> str:
        """The first part of the domain."""
        return self.domain.partition(".")[0]

    @property
    def has_answer(self) -> bool:
        return self.metadata.get("answer") != "unknown"


def premise(index: int) -> int:
    """The number by which `Step.uses` names premise `index`."""
    return -1 - index


def split_of(group_id: str, bench_share: float) -> Split:
    """The split of a whole group: `bench` for the given share of all groups, the same one for ever."""
    point = int(fingerprint("split", group_id, digits=12), 16) / 16**12
    return "bench" if point < bench_share else "train"
