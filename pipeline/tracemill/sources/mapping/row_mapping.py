"""From a row to a problem, as a source's config says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tracemill.records import Check, Payload, Problem, Source, canonical_json, fingerprint, problem_id, split_of
from tracemill.records.licences import UnknownLicenceError, spdx
from tracemill.settings.secrets_in_text import token_in
from tracemill.sources.lines import BadLineError
from tracemill.sources.mapping.field_paths import has, text_at, text_of, value_at
from tracemill.sources.mapping.mapping_config import MappedConfig, PlainValue
from tracemill.sources.mapping.references import references_of
from tracemill.sources.mapping.solutions import AskedQuestion, is_message, question_of
from tracemill.sources.shapes.flat_rows import flat_row

_NO_LICENCE = frozenset({"", "none", "noassertion", "unknown"})


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """Where a row comes from: `digest` says what the rows are and is hashed into ids; `revision` is what it is called;
    `index` counts the rows from 0."""

    digest: str
    revision: str
    index: int


class RowMapping:
    """`bench_share`: the share of groups that are held out."""

    def __init__(self, config: MappedConfig, bench_share: float) -> None:
        self.config = config
        self.bench_share = bench_share

    def problem(self, row: Mapping[str, Any], origin: RowOrigin) -> Problem:
        """
        Raises:
            BadLineError: the row cannot become a problem, and why.
        """
        config, fields = self.config, self.config.fields
        if fields.reshape is not None:
            row = flat_row(fields.reshape, row)
        self._refuse_left_out(row)
        question = _question(row, fields.prompt)
        system = "\n\n".join(filter(None, (config.system, _optional(row, fields.system) or question.system)))
        tools = tuple(_tools(row, fields.tools)) if fields.tools else ()
        source = Source(config.name, origin.digest, self._licence(row), origin.index, 0)
        group = fingerprint(config.domain, self._shared(row, question.prompt))
        problem = Problem(
            id=problem_id(source, config.domain, system, question.prompt, tools),
            group_id=group,
            domain=config.domain,
            system=system,
            prompt=question.prompt,
            answer=self._answer(row),
            check=self._check(row),
            source=replace(source, revision=origin.revision),
            split=split_of(group, self.bench_share),
            tools=tools,
            references=tuple(references_of(row, fields.references, fields.prompt)),
            metadata=({"marks": config.marks} if config.marks else {})
            | ({} if fields.answer else {"answer": "unknown"}),
        )
        return publishable(problem)

    def _refuse_left_out(self, row: Mapping[str, Any]) -> None:
        for path, wanted in self.config.fields.where.items():
            value = value_at(row, path) if has(row, path) else None
            if not any(_equal(value, one) for one in wanted):
                raise BadLineError("left out", f"where {path} is {canonical_json(text_of(value) or value)[:100]}")

    def _shared(self, row: Mapping[str, Any], prompt: str) -> str:
        """What is the same in all rows of one group."""
        group = self.config.fields.group
        return text_at(row, group) if group and has(row, group) else " ".join(prompt.casefold().split())

    def _licence(self, row: Mapping[str, Any]) -> str:
        if self.config.licence is not None:
            return self.config.licence
        assert self.config.fields.licence is not None
        licence = value_at(row, self.config.fields.licence) if has(row, self.config.fields.licence) else ""
        if not isinstance(licence, str) or licence.strip().lower() in _NO_LICENCE:
            raise BadLineError("no licence")
        try:
            return spdx(licence)
        except UnknownLicenceError as exc:
            raise BadLineError("the licence is no SPDX expression", str(exc)) from exc

    def _answer(self, row: Mapping[str, Any]) -> str:
        """Empty where the row leaves it empty: what becomes of such a row the config says (`triage.py`)."""
        fields = self.config.fields
        if fields.answer is None:
            return ""
        value = value_at(row, fields.answer)
        if value is None or (isinstance(value, str) and not value.strip()):
            return ""
        answer = text_at(row, fields.answer)
        if fields.answer_boxed:
            from tracemill.verifiers.answer.finding.extraction import last_box

            if not (boxed := last_box(answer)):
                raise BadLineError("no final answer", f"there is no \\boxed{{…}} in {fields.answer!r}")
            return boxed
        if fields.answer_pattern is not None:
            found = list(re.finditer(fields.answer_pattern, answer))
            if not found:
                raise BadLineError("no final answer", f"answer_pattern does not occur in {fields.answer!r}")
            answer = (found[-1][1] if found[-1].re.groups else found[-1][0]) or ""
            if not answer.strip():
                raise BadLineError("no final answer", "what answer_pattern matches is empty")
        return answer.strip()

    def _check(self, row: Mapping[str, Any]) -> Check:
        check = self.config.check
        found = {key: _spec_value(row, path, key) for key, path in check.fields.items()}
        return Check(check.kind, {**check.spec, **found})


def publishable(problem: Problem) -> Problem:
    """The problem.

    Raises:
        BadLineError: one of its texts, which a build publishes, holds a token, or what no table can hold.
    """
    # All at once, and one by one only where something is found: looking takes a fifth of an import's time.
    texts = list(_texts(problem))
    whole = "\n".join(text for _, text in texts)
    if "\0" not in whole and _is_unicode(whole) and token_in(whole) is None:
        return problem
    for name, text in texts:
        if "\0" in text:
            raise BadLineError("NUL character", name)
        if not _is_unicode(text):
            raise BadLineError("lone surrogates", name)
        if found := token_in(text):
            raise BadLineError("holds a secret", f"{name}: what looks like {found}")
    return problem


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _texts(problem: Problem) -> Iterator[tuple[str, str]]:
    yield from (("prompt", problem.prompt), ("answer", problem.answer), ("system", problem.system))
    for number, one in enumerate(problem.references):
        yield f"reference {number}", one.text
        said = [one.author, *(text for label in one.labels for text in (label.name, label.value))]
        for turn in one.before:
            said += [turn.reasoning, turn.content, turn.tool_call_id or ""]
            said += [text for call in turn.tool_calls for text in (call.id, call.name, canonical_json(call.arguments))]
        yield f"reference {number}", "\n".join(said)
    yield "check", canonical_json(problem.check.spec)
    if problem.tools:
        yield "tools", canonical_json(problem.tools)


def _question(row: Mapping[str, Any], path: str) -> AskedQuestion:
    value = value_at(row, path)
    if isinstance(value, list) and value and all(map(is_message, value)):
        return question_of(value, path)
    return AskedQuestion(text_at(row, path))


def _optional(row: Mapping[str, Any], path: str | None) -> str:
    """The text in a field, or nothing where there is none."""
    value = value_at(row, path) if path and has(row, path) else None
    return (text_of(value) or "").strip()


def _tools(row: Mapping[str, Any], path: str) -> list[Payload]:
    """The tools that a solution may call, as OpenAI's API has them: objects, or JSON of such."""
    value = value_at(row, path) if has(row, path) else []
    try:
        given = json.loads(value, parse_constant=str) if isinstance(value, str) and value.strip() else value or []
        tools = [json.loads(one, parse_constant=str) if isinstance(one, str) else one for one in given]
    except (ValueError, TypeError, RecursionError) as exc:
        raise BadLineError("not tools", f"{path}: {str(exc)[:150]}") from exc
    if not all(isinstance(one, Mapping) for one in tools):
        raise BadLineError("not tools", f"{path}: not a list of objects")
    return tools


def _spec_value(row: Mapping[str, Any], path: str, key: str) -> Any:
    value = value_at(row, path)
    if key != "tests":
        return value
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError as exc:
            raise BadLineError("not JSON", f"{path}: {str(exc)[:150]}") from exc
    return [value] if isinstance(value, str) else value


def _equal(value: Any, wanted: PlainValue) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return text_of(value) == text_of(wanted)
