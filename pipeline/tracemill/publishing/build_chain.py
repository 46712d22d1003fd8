"""Builds that add to each other (`incremental` in the config): what they come to together.

A manifest holds, under `earlier`, what it must know of the builds before it, and under `builds` what each of them and
it itself say of their rows, verdicts and cost. The card in a build's own folder speaks of that build; the one that is
published of the whole chain, as if it were one dataset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracemill.publishing.figure import ManifestContent

SHARED = ("each", "files", "stages", "views", "sources", "notices", "languages", "licences")


def builds_of(content: ManifestContent, earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """`each` build of the chain, the newest last, and the `rows`, `verdicts` and `costs` of all."""
    each = [*(earlier["each"] if earlier else ()), _said_of(content)]
    rows: Counter[str] = Counter()
    verdicts: dict[str, Counter[str]] = {}
    costs: Counter[str] = Counter()
    for build in each:
        rows.update(build["rows"])
        costs.update(build["costs"])
        for verifier, outcomes in build["verdicts"].items():
            verdicts.setdefault(verifier, Counter()).update(outcomes)
    return {
        "each": each,
        "rows": dict(rows),
        "verdicts": {name: dict(outcomes) for name, outcomes in verdicts.items()},
        # Sums of floating point: to the digits that count.
        "costs": {name: float(f"{amount:.6g}") for name, amount in costs.items()},
    }


def _said_of(content: ManifestContent) -> dict[str, Any]:
    return {
        "name": content["name"],
        "rows": dict(content["view_totals"]),
        "verdicts": {name: dict(one["outcomes"]) for name, one in content["verifiers"].items()},
        "costs": {name: amount["total"] for name, amount in content["costs"]["amounts"].items()},
    }


def shared_of(manifest: ManifestContent) -> dict[str, Any]:
    """What a further build needs to know of the chain that ends with this manifest: the `SHARED` keys. Files are the
    Parquet files of all builds, each with the number of its `build`."""
    whole = whole_chain(manifest)
    number = len(manifest["builds"]["each"]) - 1
    return {
        "each": manifest["builds"]["each"],
        "files": [
            {"build": number, **{key: file[key] for key in ("path", "rows", "bytes", "sha256")}}
            | ({"build": file["build"]} if "build" in file else {})
            for file in whole["files"]
            if file["path"].startswith("dataset/") and file["path"].endswith(".parquet")
        ],
        "stages": whole["stages"],
        "views": whole["view_order"],
        "sources": whole["sources"],
        "notices": whole["notices"],
        "languages": whole["languages"],
        "licences": whole["teacher_licences"],
    }


def whole_chain(manifest: ManifestContent) -> ManifestContent:
    """The manifest with the files, rows, sources, notices and languages of the builds before it too; all else is what
    this build says."""
    earlier = manifest["earlier"]
    own = [licence for licence in [manifest["teacher"].get("licence")] if licence]
    if earlier is None:
        return {**manifest, "teacher_licences": own}
    files = [*earlier["files"], *manifest["files"]]
    stages = _united(manifest["stages"], earlier["stages"])
    views = _united(manifest["view_order"], earlier["views"])
    counts = {view: {stage: _counted(files, view, stage) for stage in stages} for view in views}
    return {
        **manifest,
        "files": files,
        "stages": stages,
        "view_order": views,
        "views": counts,
        "view_totals": {view: sum(one["rows"] for one in counts[view].values()) for view in views},
        "sources": _sources([*earlier["sources"], *manifest["sources"]]),
        "notices": _notices([*earlier["notices"], *manifest["notices"]]),
        "languages": sorted({*earlier["languages"], *manifest["languages"]}),
        "teacher_licences": _united(own, earlier["licences"]),
    }


def stage_of(path: str) -> str:
    """The stage of a view's shard: `sft/00-easy-00000-5f0c2ab19e44d1b7.parquet` is of `easy`."""
    return path.rpartition("/")[2].split("-")[1]


def _counted(files: Iterable[Mapping[str, Any]], view: str, stage: str) -> dict[str, int]:
    found = [file for file in files if file["path"].startswith(f"dataset/{view}/") and stage_of(file["path"]) == stage]
    return {"rows": sum(file["rows"] for file in found), "shards": len(found)}


def _united(first: Sequence[str], others: Sequence[str]) -> list[str]:
    return [*first, *(one for one in others if one not in first)]


def _sources(sources: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for source in sources:
        counted[source["name"], source["revision"], source["licence"]] += source["problems"]
    keys = ("name", "revision", "licence")
    return [{**dict(zip(keys, one, strict=True)), "problems": count} for one, count in sorted(counted.items())]


def _notices(notices: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for notice in notices:
        known = found.setdefault(notice["file"], {**notice, "problems": 0})
        known["problems"] += notice["problems"]
    return [found[file] for file in sorted(found)]
