"""The build that an incremental one adds to: a folder, or a revision of a repository on the Hub."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl
import pyarrow.parquet as pq

from tracemill.publishing.build_chain import shared_of
from tracemill.publishing.hub.hub_address import HubAddress, hub_address, is_on_hub
from tracemill.publishing.hub.published_builds import PLACE
from tracemill.publishing.hub.published_repository import PublishedRepository, open_published, refuse_other_version
from tracemill.publishing.hub.repository_files import FinishedBuild, finished_build
from tracemill.records import canonical_json
from tracemill.settings.errors import UsageError
from tracemill.sources.source import ProblemSource
from tracemill.store.store import Store

_PROBLEMS = "dataset/problems/"
_COMMIT = re.compile("[0-9a-f]{40}")
_LOG = logging.getLogger(__name__)


class _Rows(Protocol):
    """Where the problems of a chain of builds are read."""

    def problems(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]: ...


@dataclass(frozen=True)
class EarlierBuild:
    """`given`: what the config says; `where`: what that meant, a folder or an address with its commit. `digest`: of its
    manifest. `keys`: of its phases. `shared`: see `build_chain.shared_of`. `lineages`: of the builds that are
    published there, see `PublishedBuild`."""

    given: str
    where: str
    digest: str
    keys: Mapping[str, Any]
    shared: Mapping[str, Any]
    rows: _Rows
    lineages: frozenset[str] = frozenset()

    @property
    def key(self) -> dict[str, Any]:
        """What a phase that reads it depends on: which build it is. Where it lay is kept beside that."""
        return {"earlier": self.digest, PLACE: {"given": self.given, "where": self.where}}

    @property
    def for_manifest(self) -> dict[str, Any]:
        return {"where": self.where, "digest": self.digest, **self.shared}

    def problems(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Those that are published, of its own and of the builds that it adds to."""
        return self.rows.problems(columns)

    def used(self, sources: Iterable[ProblemSource], seed: int) -> dict[str, int]:
        """How many indices of each part are used up. A part that is another one now (a file that changed, a task's new
        version) begins anew, as all do under another seed; what is there already is then left out one by one."""
        key = self.keys["problems"]
        parts = (
            {name: part for source in sources for name, part in source.parts().items()} if key["seed"] == seed else {}
        )
        there = key["parts"]
        return {
            name: there[name]["count"]
            for name, part in parts.items()
            if name in there and canonical_json(there[name]["identity"]) == canonical_json(part.identity)
        }

    def refuse_unfitting(self, bench: float, views: Sequence[str], lineage: str) -> None:
        """`views`: names with versions and settings, as keys have them. `lineage`: of the build that is to add to it.

        Raises:
            UsageError: the two cannot be one dataset.
        """
        if lineage in self.lineages:
            raise UsageError(
                f"{self.where} has this very build, which cannot add to itself; name the revision before it was "
                "published (hf://OWNER/NAME@REVISION), or build into another --out"
            )
        share = self.keys["problems"]["bench"]
        if share != bench:
            raise UsageError(
                f"the build at {self.where} holds out {share} of the groups, and this config {bench}: groups that are "
                f"trained on there would be held out here, or the other way round; write split: {{bench: {share}}}"
            )
        there = {one.partition("@")[0]: one for one in self.keys["dataset"]["views"]}
        for view in views:
            name = view.partition("@")[0]
            if there.get(name, view) != view:
                raise UsageError(
                    f"the build at {self.where} has the view {there[name]!r}, and this config {view!r}: their rows "
                    "would not have the same columns; write the settings that it has, or leave the view out"
                )


def earlier_build(given: str, known: Mapping[str, Any] | None = None) -> EarlierBuild:
    """What `incremental.previous` names. `known`: where that lay for a build that was begun (`PLACE`); it keeps to the
    revision that the address of a repository meant then.

    Raises:
        UsageError: it is not there, not finished, or of another schema version.
    """
    if not is_on_hub(given):
        return _in_folder(given)
    address = hub_address(given)
    if known is not None and _means(address, known):
        address = hub_address(known["where"])
    return _on_hub(given, open_published(address, _LOG.warning))


def _means(address: HubAddress, known: Mapping[str, Any]) -> bool:
    """Whether an address without a commit is of the repository that is known at one. What put the build onto that
    commit may have been `publish --onto-latest`, which names it."""
    if _COMMIT.fullmatch(address.revision or "") or not is_on_hub(known["where"]):
        return False
    before = hub_address(known["given"])
    same = before.revision == address.revision or _COMMIT.fullmatch(before.revision or "") is not None
    return same and hub_address(known["where"]).repository == address.repository


def _on_hub(given: str, found: PublishedRepository) -> EarlierBuild:
    newest = found.chain.newest
    lineages = frozenset(one.lineage for one in found.chain.builds if one.lineage)
    where, shared = str(found.address), found.chain.whole
    return EarlierBuild(given, where, newest.digest, newest.keys, shared, _PublishedRows(found), lineages)


def _in_folder(given: str) -> EarlierBuild:
    try:
        build = finished_build(Store(given))
    except UsageError as exc:
        raise UsageError(f"incremental.previous: {exc}") from exc
    refuse_other_version(given, build.manifest["schema_version"])
    where = build.store.files.url
    return EarlierBuild(given, where, build.digest, build.commit.keys, shared_of(build.manifest), _FolderRows(build))


@dataclass(frozen=True)
class _PublishedRows:
    found: PublishedRepository

    def problems(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        files = [file for build in self.found.chain.builds for file in build.files_of("problems/")]
        for batch in self.found.batches(files, columns):
            yield pl.DataFrame(batch)


@dataclass(frozen=True)
class _FolderRows:
    build: FinishedBuild

    def problems(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        for entry in self.build.manifest["files"]:
            if entry["path"].startswith(_PROBLEMS):
                with self.build.store.files.open_input(entry["path"]) as file:
                    for batch in pq.ParquetFile(file).iter_batches(512, columns=list(columns)):
                        yield pl.DataFrame(batch)
        if (before := self.build.manifest["earlier"]) is not None:
            yield from earlier_build(before["where"]).problems(columns)
