"""Builds of another schema version are refused: their columns mean something else, so they must not be read."""

from __future__ import annotations

from tracemill.records.schema import SCHEMA_VERSION
from tracemill.settings.errors import UsageError
from tracemill.store.store import Store


def open_build(url: str) -> Store:
    """The build's store, for reading or for `claim`; the folder need not exist.

    Raises:
        UsageError: a build whose tables, or whose begun problems, are of another schema version.
    """
    store = Store(url)
    commit = store.latest()
    keys = {**commit.forgotten, **commit.keys} if commit else {}
    found = keys.get("problems") or store.begun("problems") or {}
    version = found.get("schema", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise UsageError(
            f"the build at {url!r} has schema version {version}, and this tracemill reads version {SCHEMA_VERSION}; "
            "build again into another --out (the same config and seed), or use the tracemill that made it, whose "
            "version stands in its dataset/README.md"
        )
    return store
