"""Problems that are answered by a program, from a file of one of the known shapes (`shapes.py`).

Reference solutions are run where the file is read: a problem that its own solution does not solve is rejected, with
what the tests say of it. And the tests are measured by wrong versions of it (`verifiers/code/suite.py`); the score goes
with the problem into every verdict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tracemill.records import Check, Decision, Problem, Reference, Source, fingerprint, problem_id, split_of
from tracemill.records.labels import correct
from tracemill.records.licences import spdx
from tracemill.settings.shipped import path_of
from tracemill.sources.code.shapes import CodeDraft, drafted
from tracemill.sources.golds import read_golds
from tracemill.sources.jsonl import JsonlSource
from tracemill.sources.lines import BadLineError, object_of
from tracemill.sources.mapping.row_mapping import publishable
from tracemill.sources.source import Context, SourcePart, WorkItem
from tracemill.verifiers.code.results import Judged
from tracemill.verifiers.code.spec import SuiteScore, read_spec
from tracemill.verifiers.code.suite import measured
from tracemill.verifiers.code.verifier import CodeConfig, CodeVerifier

_SHIPPED = re.compile(r"[a-z_]+")


class CodeSourceConfig(BaseModel):
    """`shape`: which fields the rows have; `auto` finds out for each. `programs`: the language of the reference
    solutions and of the answers; test files are Python's. `check_golds`: whether reference solutions are run; a row
    that has none is kept. `mutants`: by how many wrong versions of it a problem's tests are measured, 0 for not at all.
    `cpu_seconds`, `memory_mb`: of one test. `path` may be the name of a shipped example (`code_problems`). The rest is
    as for `jsonl`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["code"]
    path: str
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    shape: Literal["auto", "humaneval", "mbpp", "apps", "taco", "livecodebench", "kodcode"] = "auto"
    licence: str
    notice: str | None = None
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    revision: str | None = None
    domain: str = Field(default="code.programs.given.any", pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+){3}$")
    system: str = ""
    programs: Literal["python", "cpp", "javascript"] = "python"
    check_golds: bool = True
    mutants: int = Field(default=8, ge=0, le=200)
    cpu_seconds: float = Field(default=10.0, gt=0, le=600)
    memory_mb: int = Field(default=1024, ge=16, le=2**16)
    limit: int | None = Field(default=None, ge=1)

    @field_validator("licence")
    @classmethod
    def _spdx(cls, licence: str) -> str:
        return spdx(licence)


class CodeSource(JsonlSource):
    """Reads its file as `jsonl` does, and makes problems of the rows as their shape says."""

    Config = CodeSourceConfig  # type: ignore[assignment]
    config: CodeSourceConfig  # type: ignore[assignment]

    def __init__(self, config: CodeSourceConfig, context: Context) -> None:
        path = path_of("examples", config.path) if _SHIPPED.fullmatch(config.path) else config.path
        super().__init__(config.model_copy(update={"path": path}), context)  # type: ignore[arg-type]

    def check(self) -> None:
        """See `Source`: the file can be read, and of its first 100 lines at least one becomes a problem."""
        self.notices()
        self.refuse_no_problem(read_golds(self.produce_lines(self.first_lines())))

    def parts(self) -> Mapping[str, SourcePart]:
        (part,) = super().parts().values()
        return {self.config.name: replace(part, identity={**part.identity, "verifier": CodeVerifier.version})}

    def produce(self, item: WorkItem) -> Iterable[Problem | Decision]:
        for number, text, fault in item.payload["lines"]:
            if not text and not fault:
                continue
            place = f"{self.config.name}:{number}"
            try:
                object_of(text, fault)
                # Once more, for here a number with a point is a number.
                draft = drafted(self.config.shape, json.loads(text), self.config.programs)
                problem = publishable(self._drafted(draft, number, item.payload["digest"]))
                yield self._tried(problem, draft)
            except BadLineError as exc:
                yield Decision(id=place, subject="line", kept=False, reason=exc.reason, detail=exc.detail)

    @cached_property
    def _verifier(self) -> CodeVerifier:
        return CodeVerifier(CodeConfig())

    def _drafted(self, draft: CodeDraft, number: int, digest: str) -> Problem:
        config = self.config
        source = Source(config.name, digest, config.licence, number - 1, 0)
        group = fingerprint(config.domain, " ".join(draft.prompt.casefold().split()))
        return Problem(
            id=problem_id(source, config.domain, config.system, draft.prompt, ()),
            group_id=group,
            domain=config.domain,
            system=config.system,
            prompt=draft.prompt,
            answer=draft.golds[0] if draft.golds else "",
            check=self._check(draft.specs[0]),
            source=replace(source, revision=config.revision or digest),
            split=split_of(group, self.context.bench_share),
            references=tuple(_reference(config, gold) for gold in draft.golds),
            tags=draft.tags,
        )

    def _check(self, spec: Mapping[str, Any]) -> Check:
        limits = {"cpu_seconds": self.config.cpu_seconds, "memory_mb": self.config.memory_mb}
        check = Check("code", {"language": self.config.programs, **spec, "limits": limits})
        try:
            read_spec(check)
        except ValueError as exc:
            raise BadLineError("the tests make no sense", str(exc)[:300]) from exc
        return check

    def _tried(self, problem: Problem, draft: CodeDraft) -> Problem | Decision:
        """The problem with the first reference solution that passes its tests, and the score of these.

        Raises:
            BadLineError: the row leaves open what is meant, and no reference solution is run that says it.
        """
        if not self.config.check_golds or not draft.golds:
            if len(draft.specs) > 1:
                raise BadLineError("expected values that can be read in two ways", "no reference solution was run")
            return problem
        said: Judged | None = None
        for spec in draft.specs:
            check = self._check(spec)
            for gold in draft.golds:
                judged = self._verifier.run_program(check, gold)
                if judged.passed and not judged.undecided:
                    right = _reference(self.config, gold)
                    marked = tuple(
                        replace(one, labels=(correct(True),)) if one == right else one for one in problem.references
                    )
                    return self._scored(replace(problem, answer=gold, check=check, references=marked))
                said = said or judged
        assert said is not None
        detail = f"{problem.source.name}:{problem.source.index + 1}: {_why(said)}"
        reason = "no reference solution passes the tests"
        return Decision(problem.id, "problem", False, reason, detail[:500], problem_id=problem.id)

    def _scored(self, problem: Problem) -> Problem:
        if not self.config.mutants:
            return problem
        spec = read_spec(problem.check)
        assert spec.mode != "output" and spec.mode != "repository"  # noqa: PLR1714  told apart by type
        score: SuiteScore = measured(spec, problem.answer, self._verifier.cage, self.config.mutants)
        suite = score.model_dump(exclude_defaults=True)
        return replace(problem, check=Check("code", {**problem.check.spec, "suite": suite}))


def _reference(config: CodeSourceConfig, gold: str) -> Reference:
    """A reference solution as a reply of whoever wrote it."""
    return Reference(f"{config.name} (reference)", f"```{config.programs}\n{gold.strip()}\n```")


def _why(judged: Judged) -> str:
    if judged.undecided:
        return judged.undecided
    if not judged.failures:
        return "not every test was run"
    first = judged.failures[0]
    return f"{first.reason} in test {first.index + 1} of {judged.total}: {first.got}"
