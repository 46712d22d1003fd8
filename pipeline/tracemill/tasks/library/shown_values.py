"""Values and facts as text: how a value is named in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Fact: TypeAlias = dict[str, Any]
"""One of `tracemill.claims.execution.checker`."""

MAX_KNOWN = 32
"""Values longer than this are not put into a reason."""

_NAMED = {"function": "the function", "builtin_function_or_method": "the function", "module": "the module"}
_PLAINLY = {"function", "generator", "method"}
_GRAPHS = {"Graph": "neighbours", "DiGraph": "successors"}
_STREAMS = {"BytesIO", "StringIO"}


def spoken(shown: Mapping[str, Any]) -> str:
    """As `42`; a `defaultdict` that holds `{1: 2}`; the function `gcd`; a `Graph` with the neighbours `{1: []}`."""
    if "value" in shown:
        return _quote(shown["value"])
    name = shown["type"]
    article = f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} `{name}`"
    if "holds" not in shown:
        return f"a {name}" if name in _PLAINLY else f"{article} object"
    return _holding(name, article, shown["holds"])


def _holding(name: str, article: str, text: str) -> str:
    held = _quote(text)
    if name in _NAMED:
        return f"{_NAMED[name]} {held}"
    if name in ("type", "ABCMeta") or text.isidentifier():
        return f"the class {held}"
    if name in _STREAMS:
        return f"{article} with {held} left to read"
    return f"{article} with the {_GRAPHS[name]} {held}" if name in _GRAPHS else f"{article} that holds {held}"


def _quote(text: str) -> str:
    return f"`{text}`" if "`" not in text else text


def short(shown: Mapping[str, Any]) -> bool:
    return "value" in shown and len(shown["value"]) <= MAX_KNOWN


def listed(items: Iterable[str]) -> str:
    parts = list(items)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def uncapped(text: str) -> str:
    """Without the capital that a phrase has where a slot begins it."""
    return f"{text[0].lower()}{text[1:]}"
