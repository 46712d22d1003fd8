"""What a build wants its repository on the Hub to hold: its dataset, the calls it is resumed from, and the card."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from tracemill.publishing import card
from tracemill.publishing.build_chain import shared_of, whole_chain
from tracemill.publishing.hub.hub_address import is_on_hub
from tracemill.publishing.hub.hub_session import HubSession
from tracemill.publishing.hub.published_builds import (
    BUILDS,
    FOLDER,
    KEYS,
    LINEAGE,
    PLACE,
    PublishedBuild,
    PublishedChain,
    PublishedFile,
    file_with,
)
from tracemill.publishing.notices import FOLDER as NOTICES
from tracemill.publishing.notices import OVERVIEW, united_overview
from tracemill.publishing.shards import ShardLimits, write_table
from tracemill.records.schema import SCHEMAS
from tracemill.settings.errors import DamagedError, UsageError
from tracemill.store.commits import Commit
from tracemill.store.manifest import read_manifest, verify
from tracemill.store.run import MANIFEST
from tracemill.store.store import Store

CARD = "README.md"
DATASET = "dataset/"
RESUMED_FROM = {"completions": "completions", "unasked": "decisions"}
"""Tables that a build is resumed from and that its dataset does not have, each with the name of its schema."""


@dataclass(frozen=True)
class FinishedBuild:
    """A build whose every file has been checked. `digest` is that of its manifest."""

    store: Store
    manifest: Mapping[str, Any]
    commit: Commit
    digest: str

    @property
    def lineage(self) -> str:
        """Which build it is; empty for one that was begun before builds had a name of that kind."""
        return str(self.commit.keys["problems"].get(LINEAGE, ""))


@dataclass(frozen=True)
class Content:
    """Where a file's content is: a local file, or bytes."""

    path: Path | None = None
    data: bytes | None = None


@dataclass(frozen=True)
class WantedContents:
    """What the repository is to hold: `chain` says which files, `contents` has those of this build by path."""

    chain: PublishedChain
    contents: Mapping[str, Content]

    def files(self) -> dict[str, PublishedFile]:
        listed = self.contents[BUILDS].data or b""
        return self.chain.files() | {BUILDS: file_with(BUILDS, listed, hashlib.sha256(listed).hexdigest())}


def finished_build(store: Store) -> FinishedBuild:
    """
    Raises:
        UsageError: there is no build, or it is not finished.
        DamagedError: a file is not what its manifest says.
    """
    commit, manifest = store.latest(), read_manifest(store)
    where = store.files.url
    if commit is None:
        raise UsageError(f"there is no build at {where!r}; make one with `tracemill build CONFIG --out DIR`")
    if manifest is None:
        raise UsageError(f"the build at {where!r} is not finished; run `tracemill build` with its config first")
    if "builds" not in manifest:
        raise UsageError(
            f"the build at {where!r} was finished by an older tracemill; run `tracemill build` with its config, which "
            "only writes its card and manifest again"
        )
    if damaged := verify(store):
        named = ", ".join(f"{one.path} ({one.what})" for one in damaged[:5])
        more = f" and {len(damaged) - 5} more" if len(damaged) > 5 else ""
        raise DamagedError(
            f"the build at {where!r} is damaged, and nothing was published: {named}{more}. Run `tracemill build` with "
            "its config, which makes again what it can"
        )
    return FinishedBuild(store, manifest, commit, store.files.sha256(MANIFEST))


def published_build(build: FinishedBuild, scratch: Path) -> tuple[PublishedBuild, dict[str, Content]]:
    """The build as a link of a chain, with its files' contents; what it is resumed from is written to `scratch`."""
    files: list[PublishedFile] = []
    contents: dict[str, Content] = {}
    for entry in build.manifest["files"]:
        path = entry["path"].removeprefix(DATASET)
        if entry["path"].startswith(DATASET) and path.endswith(".parquet"):
            files.append(PublishedFile(path, entry["bytes"], entry["sha256"], entry["rows"]))
            contents[path] = _content(build.store, entry["path"])
    for file, local in _resumed_from(build, scratch):
        files.append(file)
        contents[file.path] = Content(path=local)
    manifest, keys = build.manifest, {phase: build.commit.keys[phase] for phase in KEYS}
    place = build.commit.keys["screen"].get(PLACE)
    if place is not None and is_on_hub(place["where"]):
        keys[PLACE] = place
    made = PublishedBuild(build.lineage, build.digest, manifest["name"], manifest["schema_version"], keys, tuple(files))
    return made, contents


def _content(store: Store, path: str) -> Content:
    """On object storage a file's bytes are read when they are sent."""
    root = store.files.root
    return Content() if root is None else Content(path=root / path)


def content_of(build: FinishedBuild, path: str, content: Content) -> str | bytes:
    """As the Hub's client takes it."""
    if content.path is not None:
        return str(content.path)
    return build.store.files.read(DATASET + path) if content.data is None else content.data


def _resumed_from(build: FinishedBuild, scratch: Path) -> Iterator[tuple[PublishedFile, Path]]:
    """Shards of the tables that the dataset lacks, of problems that passed screening."""
    for table, schema in RESUMED_FROM.items():
        written: dict[str, Path] = {}

        def put(path: str, data: bytes, written: dict[str, Path] = written) -> None:
            local = scratch / path
            local.parent.mkdir(parents=True, exist_ok=True)
            local.write_bytes(data)
            written[path] = local

        stem = f"{FOLDER}{table}/part-"
        for shard in write_table(put, stem, SCHEMAS[schema], _published_rows(build, table), ShardLimits()):
            yield PublishedFile(shard.path, shard.bytes, shard.sha256, shard.rows), written[shard.path]


def _published_rows(build: FinishedBuild, table: str) -> Iterator[pa.RecordBatch]:
    rejected = [
        pl.DataFrame(batch)["problem_id"] for batch in build.store.scan(build.commit, "screened", ("problem_id",))
    ]
    values = pa.array([id for some in rejected for id in some], pa.string())
    for batch in build.store.scan(build.commit, table, None):
        yield batch.filter(pc.invert(pc.is_in(batch.column("problem_id"), value_set=values)))


def wanted_of(
    build: FinishedBuild,
    own: PublishedBuild,
    contents: Mapping[str, Content],
    before: PublishedChain | None,
    session: HubSession,
    commit: str | None,
) -> WantedContents:
    """All that the repository is to hold. `before`: the builds that this one adds to, as they lie there at `commit`."""
    manifest = {**whole_chain(build.manifest), "repository": session.repository, "page": session.page}
    text = card.render(manifest)
    card.check(text, manifest)
    small = {CARD: text.encode(), **_notices(build)}
    kept: tuple[PublishedFile, ...] = ()
    if before is not None and commit is not None:
        kept = tuple(file for file in before.beside if file.path.startswith(f"{NOTICES}/") and file.path not in small)
        if OVERVIEW in small and OVERVIEW in {file.path for file in before.beside}:
            earlier = session.download(OVERVIEW, commit).read_text("utf-8")
            small[OVERVIEW] = united_overview(earlier, small[OVERVIEW].decode()).encode()
    beside = [file_with(path, data, hashlib.sha256(data).hexdigest()) for path, data in sorted(small.items())]
    # Only what the newest was made from is ever asked for.
    kept_builds = [replace(one, keys={}) for one in before.builds] if before else []
    builds = (*kept_builds, own)
    chain = PublishedChain(builds, (*kept, *beside), shared_of(build.manifest))
    all_contents = {**contents, **{path: Content(data=data) for path, data in small.items()}}
    return WantedContents(chain, {**all_contents, BUILDS: Content(data=chain.encoded())})


def _notices(build: FinishedBuild) -> dict[str, bytes]:
    listed = (entry["path"] for entry in build.manifest["files"] if entry["path"].startswith(f"{DATASET}{NOTICES}/"))
    return {path.removeprefix(DATASET): build.store.files.read(path) for path in listed}
