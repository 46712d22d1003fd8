"""Problems from a file of JSON objects, one per line: whose fields are which is said in the config.

The driver reads the file and hands out lines, so that workers need no access to it. A line that cannot become a problem
is a rejected `Decision` with its reason. Blank lines count, but are nothing. Not covered: compressed files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipeline.errors import UsageError
from pipeline.records import (
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
from pipeline.sources.base import Context, Part, WorkItem

ITEM_SIZE = 200
LINE_BYTES = 2**20
"""A longer line is rejected."""

_LOOKED_AT = 100
_NO_LICENCE = frozenset({"", "none", "noassertion", "unknown"})


class JsonlReference(BaseModel):
    """A solution that stands in the line: the fields of its text and of its label (true: right), and who wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    author: str = Field(min_length=1)
    label: str | None = None


class JsonlFields(BaseModel):
    """Which field is what; `a.b` is field `b` of the object in field `a`.

    `answer_pattern`: a regular expression whose last match in the answer's field is the final answer (its first group,
    if it has one).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str
    answer: str
    answer_pattern: str | None = None
    licence: str | None = None
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
        found = [self.prompt, self.answer, *([self.licence] if self.licence else [])]
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
    `fields.licence` names the field that tells; lines without one are excluded. `revision` is the file's hash unless
    given. `marks` says how calculations are marked in the references."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["jsonl"]
    path: str
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    licence: str | None = None
    revision: str | None = None
    fields: JsonlFields
    domain: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+){3}$")
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


class _BadLineError(Exception):
    """Why a line is rejected: the reason, and the detail that differs from line to line."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class JsonlSource:
    Config = JsonlConfig

    def __init__(self, config: JsonlConfig, context: Context) -> None:
        self.config = config
        self.context = context
        self._measured: tuple[str, int] | None = None

    def check(self) -> None:
        """See `Source`: the file can be read, and each field is in one of the first 100 lines."""
        rows = []
        for _, line in islice(self._lines(), _LOOKED_AT):
            try:
                rows.append(_object(line))
            except _BadLineError:
                continue
        for path in self.config.fields.paths():
            if not any(_has(row, path) for row in rows):
                self._no_field(path, rows)

    def parts(self) -> Mapping[str, Part]:
        revision, lines = self._measure()
        identity = self.config.model_dump(mode="json", exclude={"path", "limit", "revision"}) | {"revision": revision}
        return {self.config.name: Part(identity, lines)}

    def upper_bound(self) -> Mapping[str, int]:
        return {self.config.domain: self._measure()[1]}

    def items(self, done: Mapping[str, int]) -> Iterator[WorkItem]:
        name = self.config.name
        revision, _ = self._measure()
        numbered = islice(self._lines(), done.get(name, 0), None)
        while batch := list(islice(numbered, ITEM_SIZE)):
            payload = {"revision": revision, "lines": [[number, line] for number, line in batch]}
            yield WorkItem(f"{name}:{batch[0][0]}-{batch[-1][0]}", payload)

    def produce(self, item: WorkItem) -> Iterable[Problem | Decision]:
        for number, line in item.payload["lines"]:
            if line == "":
                continue
            try:
                yield self._problem(_object(line), number, item.payload["revision"])
            except _BadLineError as exc:
                place = f"{self.config.name}:{number}"
                yield Decision(id=place, subject="line", kept=False, reason=exc.reason, detail=exc.detail)

    def _lines(self) -> Iterator[tuple[int, str | None]]:
        """Number, from 1, and text of each line up to the limit; no text where it is not UTF-8."""
        path = Path(self.config.path)
        try:
            with path.open("rb") as file:
                for number, line in enumerate(islice(file, self.config.limit), 1):
                    try:
                        yield number, line.decode("utf-8").strip()
                    except UnicodeDecodeError:
                        yield number, None
        except OSError as exc:
            self._unreadable(path, exc)

    def _measure(self) -> tuple[str, int]:
        if self._measured is None:
            lines = sum(1 for _ in self._lines())
            self._measured = self.config.revision or _digest(Path(self.config.path)), lines
        return self._measured

    def _problem(self, row: Mapping[str, Any], number: int, revision: str) -> Problem:
        config = self.config
        prompt = _text(row, config.fields.prompt)
        check = Check(config.check.kind, config.check.spec)
        source = Source(config.name, revision, self._licence(row), number - 1, 0)
        group = fingerprint(config.domain, " ".join(prompt.casefold().split()))
        return Problem(
            id=problem_id(source, config.domain, "", prompt, ()),
            group_id=group,
            domain=config.domain,
            prompt=prompt,
            answer=self._answer(row, check, prompt),
            check=check,
            source=source,
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
            raise _BadLineError("no licence")
        return licence.strip()

    def _answer(self, row: Mapping[str, Any], check: Check, prompt: str) -> str:
        from pipeline.verifiers.answer_check import form_of

        answer = _text(row, self.config.fields.answer)
        if self.config.fields.answer_pattern is not None:
            found = list(re.finditer(self.config.fields.answer_pattern, answer))
            if not found:
                raise _BadLineError(
                    "no final answer", f"answer_pattern does not occur in {self.config.fields.answer!r}"
                )
            answer = found[-1][1] if found[-1].re.groups else found[-1][0]
        answer = (answer or "").strip()
        try:
            form_of(check, answer, prompt, _never)
        except ValueError as exc:
            raise _BadLineError(f"the answer does not fit check {check.kind!r}", str(exc)) from exc
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


def _never(gold: str, answer: str) -> NoReturn:
    raise AssertionError(f"no answer is judged here: {gold!r}, {answer!r}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _object(line: str | None) -> dict[str, Any]:
    """The object in a line.

    Raises:
        _BadLineError: it is none, or has text that cannot be stored.
    """
    if line is None:
        raise _BadLineError("not UTF-8")
    if len(line) > LINE_BYTES:
        raise _BadLineError("too long", f"{len(line)} characters; the limit is {LINE_BYTES}")
    try:
        row = json.loads(line, parse_constant=_refuse)
        text = json.dumps(row, ensure_ascii=False)
        text.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise _BadLineError("lone surrogates") from exc
    except (ValueError, RecursionError) as exc:
        raise _BadLineError("not JSON", str(exc)[:200]) from exc
    if not isinstance(row, dict):
        raise _BadLineError("not an object", type(row).__name__)
    if "\\u0000" in text and _has_nul(row):
        raise _BadLineError("NUL character")
    return row


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any("\0" in key or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _paths(row: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from _paths(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def _has(row: Mapping[str, Any], path: str) -> bool:
    try:
        _get(row, path)
    except _BadLineError:
        return False
    return True


def _get(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            raise _BadLineError("missing field", path)
        value = value[key]
    return value


def _text(row: Mapping[str, Any], path: str) -> str:
    """The text in a field; a number is its JSON."""
    value = _get(row, path)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    if not isinstance(value, str) or not value.strip():
        raise _BadLineError("not text", path)
    return value


def _reference(row: Payload, fields: JsonlReference) -> Reference:
    label = _get(row, fields.label) if fields.label else None
    if fields.label and not isinstance(label, bool):
        raise _BadLineError("not true or false", fields.label)
    return Reference(author=fields.author, text=_text(row, fields.text), label=label)
