"""A regular expression as a value of a config."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as exc:
        raise ValueError(f"is no regular expression: {exc}") from exc
    return pattern


RegularExpression: TypeAlias = Annotated[str, AfterValidator(_compiles)]
"""Text that `re.compile` takes."""
