"""The solutions of a row, each with its author and what was said of it where it comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tracemill.records import Label, LabelledStep, Reference, canonical_json
from tracemill.records.finish_reasons import finish_reason_of
from tracemill.records.labels import FINISH_REASON, correct
from tracemill.sources.lines import BadLineError
from tracemill.sources.mapping.field_paths import EACH, has, text_of, value_at
from tracemill.sources.mapping.mapping_config import LabelFields, ReferenceFields
from tracemill.sources.mapping.solutions import BroughtSolution, is_message, is_talk, solution_of
from tracemill.sources.replies import with_thought

Spans = tuple[tuple[int, int], ...]
_MOST_CHARACTERS = 200
"""Of a label's value."""


def references_of(row: Mapping[str, Any], wanted: Iterable[ReferenceFields], prompt: str) -> Iterator[Reference]:
    """Those of the references that the row has. `prompt`: the field with the question; where a solution stands in the
    same, it begins with the first reply.

    Raises:
        BadLineError: a solution, or something said of it, is not what the config says.
    """
    for fields in wanted:
        if not has(row, fields.of_solution):
            continue
        value = value_at(row, fields.of_solution)
        if fields.steps is not None:
            text, spans = _joined(value, fields.of_solution)
            yield _Beside(row, fields, 0, None).reference(BroughtSolution(text), spans)
        elif _is_several(value, fields.of_solution):
            for index, one in enumerate(value):
                solution = BroughtSolution("") if one is None else solution_of(one, fields.of_solution, False)
                yield _Beside(row, fields, index, len(value)).reference(solution, ())
        elif not isinstance(value, str) or value.strip():
            solution = solution_of(value, fields.of_solution, fields.of_solution == prompt)
            yield _Beside(row, fields, 0, None).reference(solution, ())


def _is_several(value: Any, path: str) -> bool:
    if EACH in path.split("."):
        return True
    return isinstance(value, list) and not is_talk(value) and not any(map(is_message, value))


def _joined(value: Any, path: str) -> tuple[str, Spans]:
    """The steps as one text, a blank line between two, and where each stands in it."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadLineError("not steps", f"{path}: not a list of texts")
    spans, at = [], 0
    for step in value:
        spans.append((at, at + len(step)))
        at += len(step) + 2
    return "\n\n".join(value), tuple(spans)


class _Beside:
    """What stands beside one solution: the one at `index`, where the row has `count` of them."""

    def __init__(self, row: Mapping[str, Any], fields: ReferenceFields, index: int, count: int | None) -> None:
        self.row = row
        self.fields = fields
        self.index = index
        self.count = count

    def reference(self, solution: BroughtSolution, spans: Spans) -> Reference:
        thought = self._text(self.fields.reasoning)
        ended = self._text(self.fields.finish_reason)
        return Reference(
            author=self._text(self.fields.author_field) or self.fields.author or "unknown",
            text=with_thought(thought, solution.text),
            labels=tuple(self._labels(spans, ended)),
            finish_reason=finish_reason_of(ended) if ended else None,
            before=solution.before,
        )

    def _labels(self, spans: Spans, ended: str) -> Iterator[Label]:
        if self.fields.label is not None and (value := self._value(self.fields.label)) is not None:
            if not isinstance(value, bool):
                raise BadLineError("not true or false", self.fields.label)
            yield correct(value)
        for label in self.fields.labels:
            if (value := self._value(label.field)) is not None:
                yield _label(label, value, spans)
        if ended:
            yield Label(FINISH_REASON, ended[:_MOST_CHARACTERS])

    def _text(self, path: str | None) -> str:
        return text_of(self._value(path)) or "" if path else ""

    def _value(self, path: str) -> Any:
        """What a field says of this solution; None where it says nothing."""
        if not has(self.row, path):
            return None
        value = value_at(self.row, path)
        if self.count is None or not isinstance(value, list):
            return value
        if len(value) != self.count:
            raise BadLineError("lists of different lengths", f"{path}: {len(value)} for {self.count} solutions")
        return value[self.index]


def _label(fields: LabelFields, value: Any, spans: Spans) -> Label:
    if fields.steps == "first_wrong":
        return Label(fields.name, _shown(value), steps=_up_to_wrong(value, spans, fields.field))
    if fields.steps == "ratings":
        return Label(fields.name, _shown(value), steps=_rated(value, spans, fields.field))
    return Label(fields.name, _shown(value), _right(fields, value))


def _right(fields: LabelFields, value: Any) -> bool | None:
    if fields.right is not None:
        return any(_same(value, one) for one in fields.right)
    if fields.right_from is not None:
        return _number(value, fields.field) >= fields.right_from
    return value if isinstance(value, bool) else None


def _same(value: Any, wanted: Any) -> bool:
    """Neither is 1 true, nor `1.0`, as a file has it, another number than 1."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if text_of(value) == text_of(wanted):
        return True
    try:
        return not isinstance(wanted, str) and float(value) == float(wanted)
    except (TypeError, ValueError):
        return False


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = text_of(value)
    return (canonical_json(value) if text is None else text)[:_MOST_CHARACTERS]


def _up_to_wrong(value: Any, spans: Spans, path: str) -> tuple[LabelledStep, ...]:
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value < len(spans):
        raise BadLineError("no such step", f"{path}: {_shown(value)} of {len(spans)} steps")
    ratings = [1] * len(spans) if value < 0 else [1] * value + [-1] + [None] * (len(spans) - value - 1)
    return _with(ratings, spans)


def _rated(value: Any, spans: Spans, path: str) -> tuple[LabelledStep, ...]:
    if not isinstance(value, list) or len(value) > len(spans):
        count = f"{len(value)} ratings" if isinstance(value, list) else "no list"
        raise BadLineError("ratings do not fit the steps", f"{path}: {count} for {len(spans)} steps")
    ratings: list[int | None] = []
    for one in [*value, *[None] * (len(spans) - len(value))]:
        number = None if one is None else _number(one, path)
        ratings.append(None if number is None else (number > 0) - (number < 0))
    return _with(ratings, spans)


def _number(value: Any, path: str) -> float:
    """Raises: BadLineError: it is none, or `nan`, which is neither right nor wrong."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number):
        raise BadLineError("not a number", path)
    return number


def _with(ratings: Sequence[int | None], spans: Spans) -> tuple[LabelledStep, ...]:
    return tuple(LabelledStep(start, end, rating) for (start, end), rating in zip(spans, ratings, strict=True))
