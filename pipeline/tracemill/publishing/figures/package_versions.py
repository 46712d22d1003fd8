"""The versions of tracemill, Python and the packages that results depend on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tracemill import __version__
from tracemill.publishing.as_text import table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent

_PACKAGES = ("pyarrow", "polars", "z3-solver", "sympy", "mpmath", "networkx", "rensa")


def measure(_build: BuildReading) -> dict[str, Any]:
    found = {"tracemill": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"versions": found}


def card(manifest: ManifestContent) -> str:
    return table(("component", "version"), sorted(manifest["versions"].items()))


FIGURE = Figure(measure, ("versions",), "Versions", card, after="problems")
