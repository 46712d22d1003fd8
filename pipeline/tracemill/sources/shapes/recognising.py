"""Which shape rows have, or how near they come to one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from tracemill.sources.lines import BadLineError
from tracemill.sources.mapping.field_paths import has, text_of, value_at
from tracemill.sources.mapping.solutions import is_talk
from tracemill.sources.replies import content_of
from tracemill.sources.shapes.flat_rows import flat_row
from tracemill.sources.shapes.kinds_of_values import KINDS, kind_of

_ENOUGH = 0.5
"""The share of rows in which a field must be as a shape needs it."""
_EXACT, _BY_SEVERAL_NAMES = 2, 1
"""How much a need says for a shape: a name that only such rows have says more than one of several usual ones."""

AnyRow = Mapping[str, Any]


class RowShape(BaseModel):
    """A YAML file of this folder; its keys are explained in `shapes/__init__.py`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    needs: dict[str, str]
    matches: dict[str, str] = {}
    one_of: dict[str, tuple[str, ...]] = {}
    source: dict[str, Any]
    verify: dict[str, Any] = {"require": ["answer"]}
    same_question: Literal["reject", "keep"] = "reject"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeFit:
    """How far rows have a shape: what is `missing`, in words, and how much speaks for it. `names`: which of several
    names a field has, or None."""

    shape: RowShape
    names: Mapping[str, str | None]
    missing: tuple[str, ...]
    found: int

    @property
    def whole(self) -> bool:
        return not self.missing

    def source(self, rows: Sequence[AnyRow]) -> dict[str, Any]:
        """The keys of a source in a config, without fields that none of the rows has."""
        block: dict[str, Any] = _named(deepcopy(self.shape.source), self.names)
        shape = block["fields"].get("reshape")
        flat = [one for row in rows if (one := _flat(shape, row)) is not None]
        fields = {key: value for key, value in block["fields"].items() if _is_there(key, value, flat)}
        # Where nobody knows the answers, the config says so.
        fields.setdefault("answer", None)
        if fields["answer"] is None:
            fields.pop("answer_pattern", None)
            fields.pop("answer_boxed", None)
        fields["references"] = [_references(one, flat) for one in fields.get("references", [])]
        return {**block, "fields": {key: value for key, value in fields.items() if value != []}}


@cache
def shapes() -> tuple[RowShape, ...]:
    """All shapes, by name."""
    found = []
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        found.append(RowShape(name=path.stem, **yaml.safe_load(path.read_text("utf-8"))))
    return tuple(found)


def fits(rows: Sequence[AnyRow]) -> list[ShapeFit]:
    """Every shape, the best fit first: those whose rows these can be, then those that lack least."""
    found = [_fit(shape, rows) for shape in shapes()]
    return sorted(found, key=lambda one: (not one.whole, -one.found if one.whole else len(one.missing), one.shape.name))


def near_misses(found: Sequence[ShapeFit]) -> list[ShapeFit]:
    """Those that lack something, and of which at least half is there, the one with most of it first."""
    near = [
        one for one in found if not one.whole and 2 * len(one.missing) <= len(one.shape.needs) + len(one.shape.matches)
    ]
    return sorted(near, key=lambda one: (len(one.missing) - len(one.shape.needs), one.shape.name))


def _fit(shape: RowShape, rows: Sequence[AnyRow]) -> ShapeFit:
    names = {name: _name_of(others, shape.needs.get(name, "any"), rows) for name, others in shape.one_of.items()}
    missing = list(_missing(shape, names, rows))
    weights = (_BY_SEVERAL_NAMES if path in shape.one_of else _EXACT for path in shape.needs)
    return ShapeFit(shape, names, tuple(missing), sum(weights) + _EXACT * len(shape.matches))


def _missing(shape: RowShape, names: Mapping[str, str | None], rows: Sequence[AnyRow]) -> Iterator[str]:
    for path, kind in shape.needs.items():
        if path in names:
            if names[path] is None:
                yield f"{kind} in one of {', '.join(shape.one_of[path])}"
        elif _share(path, kind, rows) < _ENOUGH:
            there = _kinds(path, rows)
            yield f"{kind} in {path!r} ({f'it holds {there}' if there else 'there is no such field'})"
    for path, pattern in shape.matches.items():
        texts = [text for row in rows if (text := _text(row, path)) is not None]
        hits = sum(re.search(pattern, text) is not None for text in texts)
        if not texts or hits < _ENOUGH * len(texts):
            yield f"a text like {pattern!r} in {path!r}"


def _name_of(names: Sequence[str], kind: str, rows: Sequence[AnyRow]) -> str | None:
    return next((name for name in names if _share(name, kind, rows) >= _ENOUGH), None)


def _share(path: str, kind: str, rows: Sequence[AnyRow]) -> float:
    return sum(has(row, path) and KINDS[kind](value_at(row, path)) for row in rows) / max(1, len(rows))


def _kinds(path: str, rows: Sequence[AnyRow]) -> str:
    return " or ".join(sorted({kind_of(value_at(row, path)) for row in rows if has(row, path)}))


def _text(row: AnyRow, path: str) -> str | None:
    value = value_at(row, path) if has(row, path) else None
    if value is not None and is_talk(value):
        return "".join(content_of(value[-1]))
    return text_of(value)


def _named(block: Any, names: Mapping[str, str | None]) -> Any:
    """The block with fields' own names in the place of names in capitals; null for one that no row has."""
    if isinstance(block, dict):
        return {key: _named(value, names) for key, value in block.items()}
    if isinstance(block, list):
        return [_named(value, names) for value in block]
    return names[block] if isinstance(block, str) and block in names else block


def _flat(shape: str | None, row: AnyRow) -> AnyRow | None:
    try:
        return row if shape is None else flat_row(shape, row)
    except BadLineError:
        return None


def _is_there(key: str, value: Any, rows: Sequence[AnyRow]) -> bool:
    """Whether a key of the fields is to be kept: of those that may be missing, if a row has the field."""
    if key in ("system", "tools", "licence", "group", "answer"):
        return value is not None and any(has(row, value) for row in rows)
    if key == "where":
        return all(any(has(row, path) for row in rows) for path in value)
    return True


def _references(block: dict[str, Any], rows: Sequence[AnyRow]) -> dict[str, Any]:
    def there(path: str) -> bool:
        return any(has(row, path) for row in rows)

    kept = {
        key: value
        for key, value in block.items()
        if key not in ("author_field", "reasoning", "finish_reason", "label") or there(value)
    }
    if labels := [label for label in kept.pop("labels", []) if there(label["field"])]:
        kept["labels"] = labels
    return kept
