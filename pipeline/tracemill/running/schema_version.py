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
    refuse_other_schema(store)
    return store


def refuse_other_schema(store: Store) -> None:
    """Raises: UsageError: as for `open_build`."""
    commit = store.latest()
    keys = {**commit.forgotten, **commit.keys} if commit else {}
    found = keys.get("problems") or store.begun("problems") or {}
    version = found.get("schema", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise UsageError(
            f"the build at {store.files.url!r} has schema version {version}, and this tracemill reads version "
            f"{SCHEMA_VERSION}; build again into another --out (the same config and seed), or use the tracemill that "
            "made it, whose version stands in its dataset/README.md"
        )
