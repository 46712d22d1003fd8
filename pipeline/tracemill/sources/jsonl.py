"""Problems from a file of JSON objects, one per line: whose fields are which is said in the config.

The driver reads the file and hands out lines, so that workers need no access to it. A line that cannot become a problem
is a rejected `Decision` with its reason. Blank lines count, but are nothing; a byte order mark before the first line is
passed over. Not covered: compressed files, lines that end with a lone carriage return.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
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
from tracemill.settings.errors import UsageError
from tracemill.sources.lines import BadLineError, SourceLine, batches, decoded, object_of, raw_lines
from tracemill.sources.source import Context, SourcePart, WorkItem

_LOOKED_AT = 100
_NO_LICENCE = frozenset({"", "none", "noassertion", "unknown"})


class JsonlReference(BaseModel):
    """A solution that stands in the line: the fields of its text and of its label (true: right), and who wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    author: str = Field(min_length=1)
    label: str | None = None


class JsonlFields(BaseModel):
    """Which field is what; `a.b` is field `b` of the object in field `a`, `a.0` the first item of the list in it.

    `answer_pattern`: a regular expression whose last match in the answer's field is the final answer (its first group,
    if it has one). `group`: the field that variants of one problem share, so that they fall into one split; without it
    the same question, however spaced and capitalised, is one group.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str
    answer: str
    answer_pattern: str | None = None
    licence: str | None = None
    group: str | None = None
    references: tuple[JsonlReference, ...] = ()

    @field_validator("answer_pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as exc:
            raise ValueError(f"answer_pattern {pattern!r} is no regular expression: {exc}") from exc
        return pattern

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


class JsonlConfig(BaseModel):
    """`path` is relative to the directory that the command runs in. `licence` (SPDX) holds for every line, or
    `fields.licence` names the field that tells; lines without one are excluded. `revision` is a label, by default the
    file's hash; whether the file is the same is decided by the hash alone. `system` stands before every problem; it can
    say how the answer must be written. `marks` says how calculations are marked in the references."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["jsonl"]
    path: str
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    licence: str | None = None
    revision: str | None = None
    fields: JsonlFields
    domain: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+){3}$")
    system: str = ""
    check: JsonlCheck
    limit: int | None = Field(default=None, ge=1)
    marks: Literal["gsm8k"] | None = None

    @model_validator(mode="after")
    def _licensed(self) -> JsonlConfig:
        if (self.licence is None) == (self.fields.licence is None):
            raise ValueError(f"source {self.name!r} needs either licence (e.g. MIT) or fields.licence (a field's name)")
        if self.licence is not None and self.licence.strip().lower() in _NO_LICENCE:
            raise ValueError(f"licence {self.licence!r} of source {self.name!r} is none; write its SPDX name, e.g. MIT")
        return self


class JsonlSource:
    Config = JsonlConfig

    def __init__(self, config: JsonlConfig, context: Context) -> None:
        self.config = config
        self.context = context
        self._measured: tuple[str, int, tuple[int, int]] | None = None

    def check(self) -> None:
        """See `Source`: the file can be read, and each field is in one of the first 100 lines."""
        rows = []
        for _, text, fault in islice(self._lines(), _LOOKED_AT):
            try:
                rows.append(object_of(text, fault))
            except BadLineError:
                continue
        for path in self.config.fields.paths():
            if not any(_has(row, path) for row in rows):
                self._no_field(path, rows)

    def parts(self) -> Mapping[str, SourcePart]:
        digest, lines, _ = self._measure()
        identity = self.config.model_dump(mode="json", exclude={"path", "limit", "revision"})
        # A label beside the hash, never in its place: it may stay the same while the file changes.
        identity |= (
            {"revision": self.config.revision, "digest": digest} if self.config.revision else {"revision": digest}
        )
        return {self.config.name: SourcePart(identity, lines)}

    def upper_bound(self) -> Mapping[str, int]:
        return {self.config.domain: self._measure()[1]}

    def items(self, done: Mapping[str, int]) -> Iterator[WorkItem]:
        """See `Source`.

        Raises:
            UsageError: the file has changed since it was measured.
        """
        name = self.config.name
        digest, _, stamp = self._measure()
        numbered = islice(self._lines(), done.get(name, 0), None)
        for batch in batches(numbered):
            if self._stamp() != stamp:
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
                yield self._problem(object_of(text, fault), number, item.payload["digest"])
            except BadLineError as exc:
                place = f"{self.config.name}:{number}"
                yield Decision(id=place, subject="line", kept=False, reason=exc.reason, detail=exc.detail)

    def _lines(self) -> Iterator[SourceLine]:
        """The lines up to the limit."""
        path = Path(self.config.path)
        try:
            with path.open("rb") as file:
                for number, line in enumerate(islice(raw_lines(file), self.config.limit), 1):
                    yield number, *decoded(line, first=number == 1)
        except OSError as exc:
            self._unreadable(path, exc)

    def _measure(self) -> tuple[str, int, tuple[int, int]]:
        """Digest, number of lines and stamp; once, so that all that is said of the file is of one state."""
        if self._measured is None:
            stamp, lines = self._stamp(), sum(1 for _ in self._lines())
            self._measured = _digest(Path(self.config.path)), lines, stamp
        return self._measured

    def _stamp(self) -> tuple[int, int]:
        """What tells, without reading it, that the file is another one."""
        try:
            found = Path(self.config.path).stat()
        except OSError as exc:
            self._unreadable(Path(self.config.path), exc)
        return found.st_size, found.st_mtime_ns

    def _problem(self, row: Mapping[str, Any], number: int, digest: str) -> Problem:
        config = self.config
        prompt = _text(row, config.fields.prompt)
        check = Check(config.check.kind, config.check.spec)
        source = Source(config.name, digest, self._licence(row), number - 1, 0)
        shared = _text(row, config.fields.group) if config.fields.group else " ".join(prompt.casefold().split())
        group = fingerprint(config.domain, shared)
        return Problem(
            id=problem_id(source, config.domain, config.system, prompt, ()),
            group_id=group,
            domain=config.domain,
            system=config.system,
            prompt=prompt,
            answer=self._answer(row, check, prompt),
            check=check,
            source=replace(source, revision=config.revision or digest),
            split=split_of(group, self.context.bench_share),
            references=tuple(_reference(row, reference) for reference in config.fields.references),
            metadata={"marks": config.marks} if config.marks else {},
        )

    def _licence(self, row: Mapping[str, Any]) -> str:
        if self.config.licence is not None:
            return self.config.licence
        assert self.config.fields.licence is not None
        licence = _get(row, self.config.fields.licence) if _has(row, self.config.fields.licence) else ""
        if not isinstance(licence, str) or licence.strip().lower() in _NO_LICENCE:
            raise BadLineError("no licence")
        return licence.strip()

    def _answer(self, row: Mapping[str, Any], check: Check, prompt: str) -> str:
        from tracemill.verifiers.answer.check import check_gold

        answer = _text(row, self.config.fields.answer)
        if self.config.fields.answer_pattern is not None:
            found = list(re.finditer(self.config.fields.answer_pattern, answer))
            if not found:
                raise BadLineError("no final answer", f"answer_pattern does not occur in {self.config.fields.answer!r}")
            answer = found[-1][1] if found[-1].re.groups else found[-1][0]
        answer = (answer or "").strip()
        if not answer:
            raise BadLineError("no final answer", "what answer_pattern matches is empty")
        try:
            check_gold(check, answer, prompt)
        except ValueError as exc:
            raise BadLineError(f"the answer does not fit check {check.kind!r}", str(exc)) from exc
        return answer

    def _unreadable(self, path: Path, exc: OSError) -> NoReturn:
        folder = path.parent
        siblings = sorted(one.name for one in folder.glob("*.jsonl")) if folder.is_dir() else []
        raise UsageError(
            f"source {self.config.name!r}: cannot read {str(path)!r} ({exc.strerror}); in {str(folder)!r} there are: "
            f"{', '.join(siblings) or 'no .jsonl files'}; a relative path starts at the directory the command runs in"
        ) from exc

    def _no_field(self, path: str, rows: list[dict[str, Any]]) -> NoReturn:
        known = sorted({name for row in rows for name in _paths(row)})
        near = get_close_matches(path, known, n=1)
        raise UsageError(
            f"source {self.config.name!r}: no field {path!r} in the first {_LOOKED_AT} lines of {self.config.path!r}; "
            f"there are: {', '.join(known) or 'none'}" + (f"; did you mean {near[0]!r}?" if near else "")
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _paths(row: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The paths of a row's values; of a list, those of its first item."""
    for key, value in row.items():
        inner = {"0": value[0]} if isinstance(value, list) and value else value
        if isinstance(inner, Mapping) and inner:
            yield from _paths(inner, f"{prefix}{key}.")
        else:
            yield prefix + key


def _has(row: Mapping[str, Any], path: str) -> bool:
    try:
        _get(row, path)
    except BadLineError:
        return False
    return True


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


def _reference(row: Payload, fields: JsonlReference) -> Reference:
    label = _get(row, fields.label) if fields.label else None
    if fields.label and not isinstance(label, bool):
        raise BadLineError("not true or false", fields.label)
    return Reference(author=fields.author, text=_text(row, fields.text), label=label)
