"""YAML files into frozen models: plain data only, and errors that say place, value, choices and fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from tracemill.settings.errors import UsageError


class StrictLoader(yaml.SafeLoader):
    """Refuses tags (which would make objects) and keys that are given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: str) -> dict[str, Any]:
    """A YAML file that is one mapping.

    Raises:
        UsageError: not there, not YAML, a tag, a key given twice, not a mapping.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"cannot read {path!r} ({exc}); the working directory is {Path.cwd()}") from exc
    try:
        data = yaml.load(text, Loader=StrictLoader)
    except yaml.YAMLError as exc:
        raise UsageError(f"{path} is not plain YAML: {' '.join(str(exc).split())}") from exc
    if not isinstance(data, dict):
        raise UsageError(
            f"{path} is not a mapping of keys to values but {type(data).__name__}; see configs/quickstart.yaml"
        )
    return data


def validated(model: type[BaseModel], data: Any, where: str, wrong: list[str]) -> BaseModel | None:
    """The model made from `data`, or none with the reasons added to `wrong`; `where` is the place of `data`."""
    try:
        return model.model_validate(data)
    except ValidationError as exc:
        wrong.extend(_told(error, model, where) for error in exc.errors())
        return None


def _told(error: Any, model: type[BaseModel], where: str) -> str:
    """One error of pydantic's in our form."""
    place = ".".join([*([where] if where else []), *(str(part) for part in error["loc"])])
    if error["type"] == "extra_forbidden":
        choices = sorted(_fields_at(model, error["loc"][:-1]))
        near = difflib.get_close_matches(str(error["loc"][-1]), choices, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{place}: unknown key; choices: {', '.join(choices)}{hint}"
    if error["type"] == "missing":
        return f"{place}: missing; add it"
    said = error["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if isinstance(error["input"], dict) else f"{place}: {error['input']!r}: {said}"


def _fields_at(model: type[BaseModel], loc: Sequence[Any]) -> Iterator[str]:
    """The keys there are at a place; a list's or mapping's model is found in its annotation."""
    for part in loc:
        field = model.model_fields.get(str(part))
        model = next(_models(field.annotation), model) if field is not None else model
    yield from model.model_fields


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
