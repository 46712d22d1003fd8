"""One text for one value, and hashes of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Payload: TypeAlias = Mapping[str, Any]

_EXACT_INTEGER = 2**53
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_MANY_DIGITS = re.compile(r"[0-9]{16}")


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, integers beyond ±2^53 as strings.

    Raises:
        TypeError: for what JSON cannot hold.
        ValueError: for NaN and infinities, which other readers refuse.
    """
    try:
        text = _ENCODER.encode(value)
    except TypeError:
        value = _plain(value)
        text = _ENCODER.encode(value)
    # A number beyond 2^53 has at least 16 digits: most texts need no walk.
    if _MANY_DIGITS.search(text) and _has_large_integer(value):
        text = _ENCODER.encode(_safe_integers(value))
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _has_large_integer(value: Any) -> bool:
    if isinstance(value, int):
        return not -_EXACT_INTEGER <= value <= _EXACT_INTEGER
    if isinstance(value, Mapping):
        return any(_has_large_integer(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_has_large_integer(item) for item in value)
    return False


def _safe_integers(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_EXACT_INTEGER <= value <= _EXACT_INTEGER else str(value)
    if isinstance(value, Mapping):
        return {key: _safe_integers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_safe_integers(item) for item in value]
    return value


def fingerprint(*parts: Any, digits: int = 20) -> str:
    """The first `digits` hex digits of BLAKE2b over the canonical JSON of `parts`."""
    data = canonical_json(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=20).hexdigest()[:digits]
