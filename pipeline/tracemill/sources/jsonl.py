"""Problems from a file of JSON objects, one per line: whose fields are which is said in the config.

The driver reads the file (`input_file.py`) and hands out lines, so that workers need no access to it. A line that
cannot become a problem is a rejected `Decision` with its reason; a reference, label or group that is not there is left
out, and the line is kept. Blank lines count, but are nothing; a byte order mark before the first line is passed over.
Not covered: lines that end with a lone carriage return.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tracemill.records import (
    Check,
    Decision,
    Payload,
    Problem,
    Reference,
    Source,
    canonical_json,
    fingerprint,
    problem_id,
    split_of,
)
from tracemill.records.licences import Notice, UnknownLicenceError, spdx
from tracemill.settings.errors import UsageError
from tracemill.settings.regular_expression import RegularExpression
from tracemill.settings.secrets_in_text import secret_in, token_in
from tracemill.sources.golds import read_golds
from tracemill.sources.input_file import InputFile
from tracemill.sources.lines import BadLineError, SourceLine, batches, decoded, object_of
from tracemill.sources.replies import reply_text
from tracemill.sources.source import Context, SourcePart, WorkItem

_LOOKED_AT = 100
_NO_LICENCE = frozenset({"", "none", "noassertion", "unknown"})


class JsonlReference(BaseModel):
    """A solution that stands in the line: the fields of its text, or of its messages (`replies.py`), and of its label
    (true: right), and who wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    author: str = Field(min_length=1)
    label: str | None = None


class JsonlFields(BaseModel):
    """Which field is what; `a.b` is field `b` of the object in field `a`, `a.0` the first item of the list in it.

    `answer`: null where nobody knows the answers. `answer_pattern`: a regular expression whose last match in the
    answer's field is the final answer (its first group, if it has one). `group`: the field that variants of one problem
    share, so that they fall into one split; without it the same question, however spaced and capitalised, is one group.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str
    answer: str | None
    answer_pattern: RegularExpression | None = None
    licence: str | None = None
    group: str | None = None
    references: tuple[JsonlReference, ...] = ()

    def paths(self) -> list[str]:
        found = [path for path in (self.prompt, self.answer, self.licence, self.group) if path]
        for reference in self.references:
            found += [reference.text, *([reference.label] if reference.label else [])]
        return list(dict.fromkeys(found))


class JsonlCheck(BaseModel):
    """How an answer is judged, see `records.Check`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["exact", "numeric", "symbolic", "choice", "structured", "plan"]
    spec: dict[str, Any] = {}

    @field_validator("spec")
    @classmethod
    def _is_json(cls, spec: dict[str, Any]) -> dict[str, Any]:
        """YAML has more than JSON: dates, sets, .nan."""
        try:
            canonical_json(spec)
        except (TypeError, ValueError) as exc:
            raise ValueError(f"{exc}; write it as JSON could, a date within quotes") from exc
        return spec

    @model_validator(mode="after")
    def _is_read(self) -> JsonlCheck:
        from tracemill.verifiers.answer.check import refuse_spec

        refuse_spec(Check(self.kind, self.spec))
        return self


class JsonlConfig(BaseModel):
    """`path` is relative to the directory that the command runs in; `-` is standard input. `licence` (SPDX) holds for
    every line, or `fields.licence` names the field that tells; lines without one are excluded. `revision` is a label,
    by default the file's hash; whether the file is the same is decided by the hash alone. `system` stands before every
    problem; it can say how the answer must be written. `marks` says how calculations are marked in the references.
    `notice` is a file with the licence's text and copyright lines; `language` (ISO 639) that of problems and solutions.
    Both are published with the dataset and change no problem."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["jsonl"]
    path: str
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    licence: str | None = None
    notice: str | None = None
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    revision: str | None = None
    fields: JsonlFields
    domain: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+){3}$")
    system: str = ""
    check: JsonlCheck
    limit: int | None = Field(default=None, ge=1)
    marks: Literal["gsm8k"] | None = None

    @field_validator("licence")
    @classmethod
    def _spdx(cls, licence: str | None) -> str | None:
        return licence if licence is None else spdx(licence)

    @model_validator(mode="after")
    def _licensed(self) -> JsonlConfig:
        if (self.licence is None) == (self.fields.licence is None):
            raise ValueError(f"source {self.name!r} needs either licence (e.g. MIT) or fields.licence (a field's name)")
        return self


class JsonlSource:
    Config = JsonlConfig

    def __init__(self, config: JsonlConfig, context: Context) -> None:
        self.config = config
        self.context = context
        self._file = InputFile(config.path, f"source {config.name!r}")
        self._measured: tuple[str, int, tuple[int, int]] | None = None

    def check(self) -> None:
        """See `Source`: the file can be read, each field is in one of its first 100 lines, and of these at least one
        becomes a problem."""
        self.notices()
        lines = self.first_lines()
        rows = []
        for _, text, fault in lines:
            try:
                rows.append(object_of(text, fault))
            except BadLineError:
                continue
        for path in self.config.fields.paths() if rows else ():
            if not any(_has(row, path) for row in rows):
                self._no_field(path, rows)
        self.refuse_no_problem(lines)

    def first_lines(self) -> list[SourceLine]:
        """The first 100 lines that are not blank."""
        return list(islice((line for line in self._lines() if line[1] or line[2]), _LOOKED_AT))

    def refuse_no_problem(self, lines: Sequence[SourceLine]) -> None:
        """
        Raises:
            UsageError: none of these lines becomes a problem.
        """
        refused = []
        for record in read_golds(self.produce(WorkItem("", {"digest": "", "lines": lines}))):
            if isinstance(record, Problem):
                return
            refused.append(record)
        self._no_problem(refused)

    def parts(self) -> Mapping[str, SourcePart]:
        digest, lines, _ = self._measure()
        identity = self.config.model_dump(mode="json", exclude={"path", "limit", "revision", "notice", "language"})
        # A label beside the hash, never in its place: it may stay the same while the file changes.
        identity |= (
            {"revision": self.config.revision, "digest": digest} if self.config.revision else {"revision": digest}
        )
        return {self.config.name: SourcePart(identity, lines)}

    def upper_bound(self) -> Mapping[str, int]:
        return {self.config.domain: max(0, self._measure()[1] - self._begun)}

    def languages(self) -> Sequence[str]:
        return [self.config.language] if self.config.language else []

    def notices(self) -> Sequence[Notice]:
        config = self.config
        if config.notice is None:
            return []
        try:
            text = Path(config.notice).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise UsageError(
                f"source {config.name!r}: cannot read the notice {config.notice!r} ({exc}); give a text file in UTF-8 "
                "with the licence's text and copyright lines"
            ) from exc
        return [Notice(config.name, config.name, config.licence or "", text)]

    def items(self, done: Mapping[str, int]) -> Iterator[WorkItem]:
        """See `Source`.

        Raises:
            UsageError: the file has changed since it was measured.
        """
        name = self.config.name
        digest, _, stamp = self._measure()
        numbered = islice(self._lines(), max(done.get(name, 0), self._begun), None)
        for batch in batches(numbered):
            if self._file.stamp() != stamp:
                raise UsageError(
                    f"source {name!r}: {self.config.path!r} changed while it was read; run again when nothing writes it"
                )
            payload = {"digest": digest, "lines": [list(line) for line in batch]}
            yield WorkItem(f"{name}:{batch[0][0]}-{batch[-1][0]}", payload)

    def produce(self, item: WorkItem) -> Iterable[Problem | Decision]:
        for number, text, fault in item.payload["lines"]:
            if not text and not fault:
                continue
            try:
                yield without_secrets(self._problem(object_of(text, fault), number, item.payload["digest"]))
            except BadLineError as exc:
                place = f"{self.config.name}:{number}"
                yield Decision(id=place, subject="line", kept=False, reason=exc.reason, detail=exc.detail)

    def _lines(self) -> Iterator[SourceLine]:
        """The lines up to the limit, which counts from behind those that builds before this one read."""
        limit = self.config.limit
        for number, line in enumerate(islice(self._file.lines(), limit and limit + self._begun), 1):
            yield number, *decoded(line, first=number == 1)

    @property
    def _begun(self) -> int:
        return self.context.begun.get(self.config.name, 0)

    def _measure(self) -> tuple[str, int, tuple[int, int]]:
        """Digest, number of lines and stamp; once, so that all that is said of the file is of one state."""
        if self._measured is None:
            stamp, lines = self._file.stamp(), sum(1 for _ in self._lines())
            self._measured = self._file.digest, lines, stamp
        return self._measured

    def _problem(self, row: Mapping[str, Any], number: int, digest: str) -> Problem:
        config = self.config
        prompt = _text(row, config.fields.prompt)
        check = Check(config.check.kind, config.check.spec)
        source = Source(config.name, digest, self._licence(row), number - 1, 0)
        variants = config.fields.group if config.fields.group and _has(row, config.fields.group) else None
        shared = _text(row, variants) if variants else " ".join(prompt.casefold().split())
        group = fingerprint(config.domain, shared)
        return Problem(
            id=problem_id(source, config.domain, config.system, prompt, ()),
            group_id=group,
            domain=config.domain,
            system=config.system,
            prompt=prompt,
            answer=self._answer(row),
            check=check,
            source=replace(source, revision=config.revision or digest),
            split=split_of(group, self.context.bench_share),
            references=tuple(_references(row, config.fields.references)),
            metadata=({"marks": config.marks} if config.marks else {})
            | ({} if config.fields.answer else {"answer": "unknown"}),
        )

    def _licence(self, row: Mapping[str, Any]) -> str:
        if self.config.licence is not None:
            return self.config.licence
        assert self.config.fields.licence is not None
        licence = _get(row, self.config.fields.licence) if _has(row, self.config.fields.licence) else ""
        if not isinstance(licence, str) or licence.strip().lower() in _NO_LICENCE:
            raise BadLineError("no licence")
        try:
            return spdx(licence)
        except UnknownLicenceError as exc:
            raise BadLineError("the licence is no SPDX expression", str(exc)) from exc

    def _answer(self, row: Mapping[str, Any]) -> str:
        if self.config.fields.answer is None:
            return ""
        answer = _text(row, self.config.fields.answer)
        if self.config.fields.answer_pattern is not None:
            found = list(re.finditer(self.config.fields.answer_pattern, answer))
            if not found:
                raise BadLineError("no final answer", f"answer_pattern does not occur in {self.config.fields.answer!r}")
            answer = found[-1][1] if found[-1].re.groups else found[-1][0]
        answer = (answer or "").strip()
        if not answer:
            raise BadLineError("no final answer", "what answer_pattern matches is empty")
        return answer

    def _no_problem(self, refused: Sequence[Decision]) -> NoReturn:
        whose = f"source {self.config.name!r}"
        if not refused:
            raise UsageError(f"{whose}: {self.config.path!r} has no lines; nothing can be built from it")
        first = {one.reason: one for one in reversed(refused)}
        counted = Counter(one.reason for one in refused)
        reasons = [f"{count} {reason} ({_named(first[reason])})" for reason, count in counted.most_common(3)]
        raise UsageError(
            f"{whose}: none of the first {len(refused)} lines of {self.config.path!r} becomes a problem: "
            f"{'; '.join(reasons)}; correct fields, answer_pattern or check of the source"
        )

    def _no_field(self, path: str, rows: list[dict[str, Any]]) -> NoReturn:
        known = sorted({name for row in rows for name in _paths(row) if not secret_in(name)})
        near = get_close_matches(path, known, n=1)
        raise UsageError(
            f"source {self.config.name!r}: no field {path!r} in the first {_LOOKED_AT} lines of {self.config.path!r}; "
            f"there are: {', '.join(known) or 'none'}" + (f"; did you mean {near[0]!r}?" if near else "")
        )


def without_secrets(problem: Problem) -> Problem:
    """The problem. Raises: BadLineError: one of its texts, which a build publishes, holds a token."""
    texts = {"prompt": problem.prompt, "answer": problem.answer}
    texts |= {f"reference {number}": one.text for number, one in enumerate(problem.references)}
    texts["check"] = canonical_json(problem.check.spec)
    for name, text in texts.items():
        if found := token_in(text):
            raise BadLineError("holds a secret", f"{name}: what looks like {found}")
    return problem


def _paths(row: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The paths of a row's values; of a list, those of its first item."""
    for key, value in row.items():
        inner = {"0": value[0]} if isinstance(value, list) and value else value
        if isinstance(inner, Mapping) and inner:
            yield from _paths(inner, f"{prefix}{key}.")
        else:
            yield prefix + key


def _has(row: Mapping[str, Any], path: str) -> bool:
    """Whether the field is there, and is not null."""
    try:
        return _get(row, path) is not None
    except BadLineError:
        return False


def _get(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for key in path.split("."):
        try:
            value = value[int(key)] if isinstance(value, list) and key.isascii() and key.isdecimal() else value[key]
        except (KeyError, IndexError, TypeError):
            raise BadLineError("missing field", path) from None
    return value


def _text(row: Mapping[str, Any], path: str) -> str:
    """The text in a field; a number is its JSON."""
    value = _get(row, path)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise BadLineError("not text", path)
    return value


def _references(row: Payload, wanted: Iterable[JsonlReference]) -> Iterator[Reference]:
    """Those of the references that the line has."""
    for one in wanted:
        if not _has(row, one.text):
            continue
        label = _get(row, one.label) if one.label and _has(row, one.label) else None
        if label is not None and not isinstance(label, bool):
            raise BadLineError("not true or false", one.label or "")
        text = reply_text(_get(row, one.text))
        if text is None:
            raise BadLineError("not a reply", f"{one.text}: neither text nor messages with one of the assistant's")
        if text.strip():
            yield Reference(author=one.author, text=text, label=label)


def _named(decision: Decision) -> str:
    """Which line it was, and what is wrong with it, in printable characters."""
    if decision.subject == "problem":
        return ascii(decision.detail)[1:-1]
    return ascii(f"{decision.id}: {decision.detail}" if decision.detail else decision.id)[1:-1]
