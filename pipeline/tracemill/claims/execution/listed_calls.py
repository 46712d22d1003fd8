"""Calls by name, of listed modules only: no other is imported because somebody's record names it.

The list stays outside of the sandbox: whoever has a call executed there asks first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracemill.claims.execution.calls import FunctionCall, NotFoundError
from tracemill.claims.execution.named_calls import named
from tracemill.claims.execution.packages import PACKAGES


def require_listed(names: Mapping[str, Any]) -> None:
    """Raises: NotFoundError: the call is of no listed module."""
    package, module = names.get("package"), names.get("module")
    if not isinstance(package, str) or module not in PACKAGES.get(package, ()):
        raise NotFoundError(f"{module} is not a listed module of {package}")


def find(names: Mapping[str, Any]) -> FunctionCall:
    """The installed call that `names` means.

    Raises:
        NotFoundError: no such call among the listed modules, or its source or example differs from what was meant.
    """
    require_listed(names)
    return named(names)
