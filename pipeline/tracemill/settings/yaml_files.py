"""YAML files as plain data that knows where each value stands. What would take the reader's time or memory is refused.

Not taken: tags (they would make objects), keys given twice, numbers beyond 64 bits, and `.inf` and `.nan`, which JSON
lacks. Bounded: the file's length, its depth, and its values counted with what its aliases stand for: ten lines of
aliases of aliases can stand for more values than there is memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeAlias

import yaml
from yaml.constructor import ConstructorError

from tracemill.settings.errors import UsageError

LONGEST = 1 << 20
DEEPEST = 40
MOST_VALUES = 50_000

KeyPath: TypeAlias = tuple[str | int, ...]
"""A place in a file: `("sources", 0, "per_task")`."""


class Origin(NamedTuple):
    """Where a value comes from: a file, or an override such as `--set seed=3`; and the line in a file, from 1."""

    source: str
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Origins:
    """The origin of every key and item; `whole` is that of what has none."""

    whole: Origin
    places: dict[KeyPath, Origin] = field(default_factory=dict)

    def of(self, at: KeyPath) -> Origin:
        """The origin of a place; where it is not there (a missing key), of the nearest one around it."""
        for length in range(len(at), 0, -1):
            if at[:length] in self.places:
                return self.places[at[:length]]
        return self.whole

    def replace(self, at: KeyPath, origin: Origin) -> None:
        """The value at a place, with all within it, comes from elsewhere."""
        for place in [place for place in self.places if place[: len(at)] == at]:
            del self.places[place]
        self.places[at] = origin


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The mapping that a file is, and where its parts stand."""

    path: str
    data: dict[str, Any]
    origins: Origins


class StrictLoader(yaml.SafeLoader):
    """Refuses what the module says. Made for one text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ConstructorError(None, None, f"the key {key!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        try:
            number = int(super().construct_yaml_int(node))
        except ValueError:
            self._refuse(node, "is a number beyond 64 bits")
        if abs(number) >= 2**63:
            self._refuse(node, "is a number beyond 64 bits")
        return number

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        number = float(super().construct_yaml_float(node))
        if not math.isfinite(number):
            self._refuse(node, "is no finite number")
        return number

    def _refuse(self, node: yaml.ScalarNode, why: str) -> NoReturn:
        shown = node.value if len(node.value) <= 30 else f"{node.value[:30]}…"
        raise ConstructorError(None, None, f"{shown} {why}", node.start_mark)


StrictLoader.add_constructor("tag:yaml.org,2002:int", StrictLoader.construct_yaml_int)
StrictLoader.add_constructor("tag:yaml.org,2002:float", StrictLoader.construct_yaml_float)


def read_yaml(path: str) -> YamlFile:
    """A YAML file that is one mapping.

    Raises:
        UsageError: not there, not YAML, not a mapping, or something that is refused (see the module), with its line.
    """
    data, node = parse_yaml(_text(path), path)
    if not isinstance(data, dict):
        raise UsageError(
            f"{path} is not a mapping of keys to values but {type(data).__name__}; see configs/quickstart.yaml"
        )
    places = {at: Origin(path, line) for at, line in _lines(node, ())}
    return YamlFile(path, data, Origins(Origin(path), places))


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(LONGEST + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as exc:
        raise UsageError(f"cannot read {path!r} ({exc}); the working directory is {Path.cwd()}") from exc
    if len(content) > LONGEST:
        raise UsageError(f"{path} has more than {LONGEST:,} bytes, and is no config or curriculum of ours")
    return text


def parse_yaml(text: str, where: str) -> tuple[Any, yaml.Node | None]:
    """The data that a text is, and its nodes. `where` stands before what is wrong.

    Raises:
        UsageError: as for `read_yaml`.
    """
    try:
        _refuse_huge(text)
        loader = StrictLoader(text)
        node = loader.get_single_node()
        # Constructing also puts merged keys (`<<`) into the nodes.
        return (None if node is None else loader.construct_document(node)), node
    except yaml.MarkedYAMLError as exc:
        line = f":{exc.problem_mark.line + 1}" if exc.problem_mark else ""
        said = " ".join(part for part in (exc.context, exc.problem) if part)
        raise UsageError(f"{where}{line}: this is not plain YAML: {said}") from exc
    except (yaml.YAMLError, ValueError) as exc:
        # ValueError: a date that there is not.
        raise UsageError(f"{where}: this is not plain YAML: {' '.join(str(exc).split())}") from exc


def _refuse_huge(text: str) -> None:
    """Looks at the stream of the parser, which holds nothing, before anything is made of it."""
    values = 0
    within: list[tuple[str | None, int]] = []
    sizes: dict[str | None, int] = {}
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in [anchor for anchor, _ in within]:
                raise _refused(event, f"*{event.anchor} stands within itself")
            values += sizes.get(event.anchor, 0)
        elif isinstance(event, yaml.CollectionStartEvent):
            within.append((event.anchor, values))
            values += 1
        elif isinstance(event, yaml.ScalarEvent):
            sizes[event.anchor] = 1
            values += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = within.pop()
            sizes[anchor] = values - before
        if len(within) > DEEPEST:
            raise _refused(event, f"it is nested more than {DEEPEST} deep")
        if values > MOST_VALUES:
            raise _refused(event, f"it has more than {MOST_VALUES:,} values, with what its aliases stand for")


def _refused(event: Any, why: str) -> ConstructorError:
    return ConstructorError(None, None, why, event.start_mark)


def _lines(node: yaml.Node | None, at: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    """The line of every key and item, from 1."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield (*at, key.value), key.start_mark.line + 1
                yield from _lines(value, (*at, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*at, index), item.start_mark.line + 1
            yield from _lines(item, (*at, index))
