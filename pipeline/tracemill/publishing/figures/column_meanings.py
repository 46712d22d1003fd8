"""What each column of each view means, from the schemas of the views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from tracemill.publishing.as_text import named, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.views.columns import COMMON, said_of
from tracemill.views.view import view_with


def measure(build: BuildReading) -> dict[str, Any]:
    """A list of columns for each view (`views`), and those that every view has after its own (`common`)."""
    shared = {column.name for column in COMMON}
    schemas = {view: view_with(view, build.view_settings[view]).schema for view in build.views}
    own = {view: _described(one for one in schema if one.name not in shared) for view, schema in schemas.items()}
    return {"columns": {"views": own, "common": _described(COMMON)}}


def _described(columns: Iterable[pa.Field]) -> list[dict[str, str]]:
    found = []
    for column in columns:
        null_when, meaning = said_of(column)
        found.append({"name": column.name, "type": type_text(column.type), "null": null_when, "meaning": meaning})
    return found


def type_text(kind: pa.DataType) -> str:
    """As a reader without Arrow understands it: `list of {role, content}`, `string`, `int32`."""
    if pa.types.is_list(kind):
        return f"list of {type_text(kind.value_type)}"
    if pa.types.is_struct(kind):
        return f"{{{', '.join(field.name for field in kind)}}}"
    return str(kind)


def card(manifest: ManifestContent) -> str:
    views, columns = manifest["view_order"], manifest["columns"]
    sections = [f"### `{view}`\n\n{_table(columns['views'][view])}" for view in views]
    return "\n\n".join([*sections, f"### After these, in {named(views)}\n\n{_table(columns['common'])}"])


def _table(columns: Iterable[Mapping[str, str]]) -> str:
    rows = [(f"`{one['name']}`", f"`{one['type']}`", one["null"] or "–", one["meaning"] or "–") for one in columns]
    return table(("column", "type", "null when", "meaning"), rows)


FIGURE = Figure(measure, ("view_order", "columns"), "Columns", card, in_report=False)
