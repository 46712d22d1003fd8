"""The largest clusters of duplicate problems, with the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracemill.publishing.build_reading import BuildTables
from tracemill.publishing.figures.duplicate_clusters import PROBLEMS
from tracemill.publishing.report.rejects import prompts_of


@dataclass(frozen=True, slots=True)
class Cluster:
    """`rejected`: how many problems were, in favour of `kept`; `like`: one of them. Both are beginnings of prompts."""

    id: str
    rejected: int
    kept: str
    like: str


def shown_clusters(duplicates: Mapping[str, Any], tables: BuildTables) -> list[Cluster]:
    """Those that the figure names. `duplicates`: as in the manifest."""
    largest = duplicates.get(PROBLEMS, {}).get("largest", [])
    prompts = prompts_of(tables, {one[key] for one in largest for key in ("kept", "like")})
    return [Cluster(one["kept"], one["rejected"], prompts[one["kept"]], prompts[one["like"]]) for one in largest]
