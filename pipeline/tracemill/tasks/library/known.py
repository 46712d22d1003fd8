"""What a reader is taken to know beside Python itself: `known.yaml`, read once."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tracemill.claims.execution.packages import PACKAGES
from tracemill.tasks.library.tracing import Site

KNOWN = Path(__file__).with_name("known.yaml")


def note_of(site: Site) -> str | None:
    """What there is to say of code that a reader knows, which may be nothing; None if it is not known."""
    name = ":".join(site)
    for entry in _content()["known"]:
        if re.fullmatch(entry["code"].strip(), name):
            return str(entry.get("note", "")).strip()
    return None


def note_of_attribute(name: str) -> str | None:
    """What there is to say of an attribute that holds a value; None if a reader could not know it."""
    for entry in _content()["attributes"]:
        if re.fullmatch(entry["name"].strip(), name):
            return str(entry["note"]).strip()
    return None


@cache
def passes_on(site: Site) -> bool:
    """Whether it passes a call on, and does nothing that could be seen."""
    return any(re.fullmatch(code, ":".join(site)) for code in _content()["machinery"])


def is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def is_known_standard(module: str) -> bool:
    """Whether the public functions of a module of the standard library are well known."""
    return module in _content()["standard"]


def is_package(module: str) -> bool:
    return module.partition(".")[0] in PACKAGES


@cache
def _content() -> dict[str, Any]:
    content = yaml.safe_load(KNOWN.read_text("utf-8"))
    assert isinstance(content, dict)
    return content
