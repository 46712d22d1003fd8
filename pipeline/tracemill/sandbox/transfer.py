"""Python values as JSON with their types kept apart, for what crosses the wall of the sandbox.

    3  1.5  "a"  True          as they are; an integer beyond 2**53 is {"int": "0x…"}, nan {"float": "nan"}
    None                       {"none": null}
    [1, 2]                     [1, 2]
    (1, 2)                     {"tuple": [1, 2]}
    {1, 2}                     {"set": [1, 2]}, in one order; also "frozenset"
    {"a": 1, 2: 3}             {"dict": [["a", 1], [2, 3]]}, in its own order
    b"x"                       {"bytes": "eA=="}; also "bytearray"
    1+2j                       {"complex": [1.0, 2.0]}
    range(0, 9, 2)             {"range": [0, 9, 2]}
    anything else              {"object": "the name of its type"}, which equals nothing

Only exact built-in types count: an instance of a subclass, whose `__eq__` may say what it likes, is an object. Decoding
makes values of these types and nothing else; it executes no code of the value's author.
Standard library only: the program inside the cage encodes with this file.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""None, a bool, a number, a string, or a list or dictionary of such."""

MAX_DEPTH = 100
_SAFE_INTEGER = 2**53


class Foreign:
    """What stands for a value that is of no built-in type. It equals nothing, itself included."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __eq__(self, other: object) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<a {self.type_name}>"


def encode(value: object, depth: int = 0) -> Json:  # noqa: PLR0911  one line for each type
    """The value as JSON.

    Raises:
        ValueError: it is nested more than 100 deep; it may contain itself.
    """
    kind = type(value)
    if kind is bool or kind is str:
        return value
    if value is None:
        return {"none": None}
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        return scalar(value)
    if depth >= MAX_DEPTH:
        raise ValueError(f"a value is nested more than {MAX_DEPTH} deep")
    items: Any = value
    if kind is list:
        return [encode(item, depth + 1) for item in items]
    if kind is tuple:
        return {"tuple": [encode(item, depth + 1) for item in items]}
    if kind is dict:
        return {"dict": [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in items.items()]}
    if kind is set or kind is frozenset:
        return {kind.__name__: sorted((encode(item, depth + 1) for item in items), key=json.dumps)}
    return {"object": _name(kind)}


def _name(kind: type) -> str:
    name = kind.__name__
    return name[:200] if type(name) is str else "object"


def _integer(value: Any) -> Json:
    return value if -_SAFE_INTEGER <= value <= _SAFE_INTEGER else {"int": hex(value)}


def _float(value: Any) -> Json:
    return value if math.isfinite(value) else {"float": repr(value)}


_SCALARS: dict[type, Callable[[Any], Json]] = {
    int: _integer,
    float: _float,
    complex: lambda value: {"complex": [_float(value.real), _float(value.imag)]},
    bytes: lambda value: {"bytes": base64.b64encode(value).decode("ascii")},
    bytearray: lambda value: {"bytearray": base64.b64encode(value).decode("ascii")},
    range: lambda value: {"range": [_integer(value.start), _integer(value.stop), _integer(value.step)]},
}


def decode(data: Json, depth: int = 0) -> Any:
    """The value that `data` encodes. A JSON null is None here, so that arguments can be written by hand.

    Raises:
        ValueError: it encodes nothing, or is nested more than 100 deep.
    """
    if data is None or isinstance(data, bool | int | float | str):
        return data
    if depth > MAX_DEPTH:
        raise ValueError(f"encoded data is nested more than {MAX_DEPTH} deep")
    if isinstance(data, list):
        return [decode(item, depth + 1) for item in data]
    if not isinstance(data, dict) or len(data) != 1:
        raise ValueError(f"no encoded value: {str(data)[:100]}")
    ((kind, content),) = data.items()
    try:
        return _decoded(kind, content, depth)
    except (TypeError, AttributeError, OverflowError) as exc:
        raise ValueError(f"no encoded {kind}: {str(content)[:100]}") from exc


def _decoded(kind: str, content: Json, depth: int) -> Any:  # noqa: PLR0911  one line for each type
    if kind in _COLLECTIONS:
        return _COLLECTIONS[kind](decode(item, depth + 1) for item in content)
    if kind == "dict":
        return {decode(key, depth + 1): decode(item, depth + 1) for key, item in content}
    if kind == "none" and content is None:
        return None
    if kind == "int":
        return int(content, 16)
    if kind == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if kind == "complex":
        real, imaginary = (decode(part) for part in content)
        return complex(real, imaginary)
    if kind in ("bytes", "bytearray"):
        data = base64.b64decode(content, validate=True)
        return data if kind == "bytes" else bytearray(data)
    if kind == "range":
        return range(*(decode(part) for part in content))
    if kind == "object" and isinstance(content, str):
        return Foreign(content)
    raise ValueError(f"no encoded value of type {kind[:100]!r}")


_COLLECTIONS: dict[str, Callable[[Any], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}
