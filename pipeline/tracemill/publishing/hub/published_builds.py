"""`tracemill/builds.json` of a repository: which builds its dataset is made of, and which of its files are theirs.

A sealed state file like those of a build. Beside it lies what a build is resumed from that the dataset does not have:
the calls (`tracemill/completions/`) and the problems that the teacher had no solution of (`tracemill/unasked/`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tracemill.publishing.hub.hub_session import HubSession, RemoteFile, git_blob
from tracemill.settings.errors import DamagedError
from tracemill.store.sealed import BrokenSealError, seal, unseal

FOLDER = "tracemill/"
BUILDS = f"{FOLDER}builds.json"
KEYS = ("problems", "traces", "dataset")
"""The phases whose keys are published: what was made from what, so that a build is not resumed as another one."""
LINEAGE = "_lineage"
"""Where the key of `problems` says which build it is."""
PLACE = "_place"
"""Where the key of `screen` says where the build lay that an incremental one adds to; published too, if on the Hub."""


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file in the repository. `blob`: what git calls its content, for small files, of which the Hub lists no hash."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None
    blob: str | None = None

    def is_at(self, there: RemoteFile) -> bool:
        """Whether that is what lies in the repository, as far as the Hub tells."""
        if there.sha256 is not None:
            return there.sha256 == self.sha256
        return there.bytes == self.bytes and self.blob in (None, there.blob)


@dataclass(frozen=True, slots=True)
class PublishedBuild:
    """One build of the chain. `lineage`: which build it is, whatever its rows are now. `digest`: of its manifest.
    `keys`: of its phases, where it is the newest. `files`: its shards and calls."""

    lineage: str
    digest: str
    name: str
    schema_version: int
    keys: Mapping[str, Any]
    files: tuple[PublishedFile, ...]

    @property
    def tag(self) -> str:
        return f"build-{self.digest[:16]}"

    def files_of(self, folder: str) -> list[PublishedFile]:
        return [file for file in self.files if file.path.startswith(folder)]


@dataclass(frozen=True, slots=True)
class PublishedChain:
    """`builds`: the first one first. `beside`: files that are made anew with every build, the card among them. `whole`:
    what a further build and its card need to know of all of them, see `build_chain.shared_of`."""

    builds: tuple[PublishedBuild, ...]
    beside: tuple[PublishedFile, ...]
    whole: Mapping[str, Any]

    @property
    def newest(self) -> PublishedBuild:
        return self.builds[-1]

    def files(self) -> dict[str, PublishedFile]:
        """By path, all that is ours, but for the file that says so."""
        return {file.path: file for build in self.builds for file in build.files} | {
            file.path: file for file in self.beside
        }

    def encoded(self) -> bytes:
        return seal(asdict(self))


def read_chain(session: HubSession, commit: str, there: Mapping[str, RemoteFile]) -> PublishedChain | None:
    """The chain at a commit, whose files are `there`; None where no build of ours was published.

    Raises:
        DamagedError: the file was changed.
        OtherFormatError: a version of tracemill with another format wrote it.
    """
    if BUILDS not in there:
        return None
    where = f"{BUILDS} of {session.repository}"
    try:
        body = unseal(session.download(BUILDS, commit).read_bytes(), where)
    except BrokenSealError as exc:
        raise DamagedError(
            f"{where} is damaged ({exc}): what of the repository is ours cannot be known. Put it back as an earlier "
            "revision has it, or delete it, and publish with --replace"
        ) from exc
    builds = tuple(PublishedBuild(**{**one, "files": _files(one["files"])}) for one in body["builds"])
    return PublishedChain(builds, _files(body["beside"]), body["whole"])


def _files(listed: Sequence[Mapping[str, Any]]) -> tuple[PublishedFile, ...]:
    return tuple(PublishedFile(**one) for one in listed)


def file_with(path: str, data: bytes, sha256: str, rows: int | None = None) -> PublishedFile:
    """The entry of a small file."""
    return PublishedFile(path, len(data), sha256, rows, git_blob(data))
