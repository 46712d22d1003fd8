"""The part `dataset_info` of a card's header: the columns, rows and bytes of each configuration, in the notation of
`datasets`, which then need not look into the files to know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tracemill.publishing.figure import ManifestContent
from tracemill.records.schema import SCHEMAS
from tracemill.views.view import view_with

_NAMES = {"double": "float64", "float": "float32", "halffloat": "float16"}
"""Where `datasets` has another name for a type than Arrow."""


def info_of(name: str, schema: pa.Schema, splits: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Of one configuration, from the manifest's entries of its files by split. `num_bytes` are those of the files."""
    sizes = {split: sum(file["bytes"] for file in files) for split, files in splits.items()}
    return {
        "config_name": name,
        "features": features_of(schema),
        "splits": [
            {"name": split, "num_bytes": sizes[split], "num_examples": sum(file["rows"] for file in files)}
            for split, files in splits.items()
        ],
        "download_size": sum(sizes.values()),
        "dataset_size": sum(sizes.values()),
    }


def schema_of_view(manifest: ManifestContent, view: str) -> pa.Schema | None:
    """The schema that a view's files have; None for one that this build does not have, of which only the builds before
    it know the settings."""
    for block in manifest["config"]["views"]:
        if block["kind"] == view:
            return view_with(view, {key: value for key, value in block.items() if key != "kind"}).schema
    return None


def schema_of_table(table: str) -> pa.Schema:
    return SCHEMAS[table]


def features_of(schema: pa.Schema) -> list[dict[str, Any]]:
    """
    >>> features_of(pa.schema([("labels", pa.list_(pa.bool_()))]))
    [{'name': 'labels', 'list': 'bool'}]
    """
    return _fields(schema)


def _fields(fields: Iterable[pa.Field]) -> list[dict[str, Any]]:
    return [{"name": field.name, **_feature(field.type)} for field in fields]


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_struct(kind):
        return {"struct": _fields(kind.field(number) for number in range(kind.num_fields))}
    if pa.types.is_list(kind):
        inner = _feature(kind.value_type)
        [(what, value), *more] = inner.items()
        return {"list": inner if more or what not in ("dtype", "struct") else value}
    return {"dtype": _NAMES.get(str(kind), str(kind))}
