"""`--set sources.0.per_task=50`: one value of a config, over what stands in its file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import config_model, installed
from tracemill.settings.yaml_files import KeyPath, Origin, YamlFile, parse_yaml

BLOCKS = {"executor": "executor", "teacher": "teacher", "strategy": "strategy"}
"""The keys of a config that hold a plugin's block, with the kind of plugin."""


def apply_overrides(file: YamlFile, overrides: Sequence[str]) -> None:
    """Changes the file's data in place; values are YAML.

    Raises:
        UsageError: an override that is none, or a path that leads nowhere.
    """
    for override in overrides:
        path, equals, text = override.partition("=")
        if not equals or not path:
            raise UsageError(f"--set {override!r} is not of the form key.key=value, such as sources.0.per_task=50")
        at = _override(file.data, path, parse_yaml(text, f"--set {path}")[0])
        file.origins.replace(at, Origin(f"--set {path}"))


def _override(data: dict[str, Any], path: str, value: Any) -> KeyPath:
    """Applies one; a new `kind` drops the keys beside it that it does not have. Returns the place."""
    *parents, last = path.split(".")
    place: Any = data
    at: list[str | int] = []
    for depth, part in enumerate(parents):
        above = ".".join(parents[: depth + 1])
        at.append(_index(place, part, above) if isinstance(place, list) else part)
        place = _descend(place, at[-1], above)
    if isinstance(place, list):
        index = _index(place, last, path)
        place[index] = value
        return (*at, index)
    if not isinstance(place, dict):
        raise UsageError(f"--set {path}: {'.'.join(parents)} is {place!r}, which has no keys")
    place[last] = value
    if last == "kind":
        _drop_foreign(place, parents)
    return (*at, last)


def _descend(place: Any, part: str | int, path: str) -> Any:
    if isinstance(place, list):
        # A plugin's name alone is a block with nothing set.
        if isinstance(place[int(part)], str):
            place[int(part)] = {"kind": place[int(part)]}
        return place[int(part)]
    if isinstance(place, dict):
        return place.setdefault(part, {})
    raise UsageError(f"--set {path}: there is nothing below {place!r}")


def _index(place: list[Any], part: str, path: str) -> int:
    """Of a number, or of the one item that has this name or kind: `views.sft.reasoning`."""
    named = [at for at, one in enumerate(place) if part in (one, one.get("kind") if isinstance(one, dict) else None)]
    if len(named) == 1:
        return named[0]
    if not part.isdecimal() or int(part) >= len(place):
        raise UsageError(f"--set {path}: {part!r} is no index of a list of {len(place)}; write 0 to {len(place) - 1}")
    return int(part)


def _drop_foreign(block: dict[str, Any], parents: Sequence[str]) -> None:
    thing = "source" if parents and parents[0] == "sources" else BLOCKS.get(parents[0] if parents else "", "")
    if thing and isinstance(block["kind"], str) and block["kind"] in installed(thing):
        known = config_model(thing, block["kind"]).model_fields
        for key in [key for key in block if key not in known]:
            del block[key]
