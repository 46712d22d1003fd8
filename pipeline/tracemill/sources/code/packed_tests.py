"""LiveCodeBench's `private_test_cases`: JSON, or base64 of zlib of a pickle of a text of JSON.

A pickle is a program. Its text is taken out without running it: every instruction is read, and any but those that hold
one text is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import pickletools
import zlib
from typing import Any

MOST_BYTES = 256 << 20
_HARMLESS = frozenset({"PROTO", "FRAME", "MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT", "STOP"})
_TEXTS = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"})


def packed_tests(field: Any) -> list[dict[str, Any]]:
    """The tests in the field, each with `input`, `output` and `testtype`.

    Raises:
        ValueError: it holds none, or something else than text.
    """
    if isinstance(field, str):
        text = field if field.lstrip().startswith(("[", "{")) else _unpacked(field)
        try:
            field = json.loads(text)
            field = json.loads(field) if isinstance(field, str) else field
        except RecursionError as exc:
            raise ValueError("the tests are nested too deep") from exc
    if not isinstance(field, list) or not all(isinstance(one, dict) for one in field):
        raise ValueError("the tests are not a list of objects")
    return field


def _unpacked(field: str) -> str:
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(field, validate=True), MOST_BYTES)
    except (binascii.Error, zlib.error) as exc:
        raise ValueError(f"the tests are neither JSON nor base64 of zlib ({exc})") from exc
    if unpacker.unconsumed_tail:
        raise ValueError(f"the tests are longer than {MOST_BYTES} bytes")
    return _text_of_pickle(data)


def _text_of_pickle(data: bytes) -> str:
    texts = []
    for instruction, argument, _ in pickletools.genops(data):
        if instruction.name in _TEXTS:
            texts.append(argument)
        elif instruction.name not in _HARMLESS:
            raise ValueError(f"the tests are pickled as more than a text ({instruction.name}); nothing of it is run")
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise ValueError(f"the tests are pickled as {len(texts)} texts, not one")
    return texts[0]
