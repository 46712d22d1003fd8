"""The manifest, written last: what a finished build says of itself; and the check that its files still hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracemill.settings.errors import DamagedError, TracemillError
from tracemill.store import commits, ownership
from tracemill.store.commits import NamedFile, TablePart
from tracemill.store.files import Files
from tracemill.store.run import MANIFEST, Run
from tracemill.store.sealed import SEAL_KEYS, BrokenSealError, quarantine, read_sealed, seal
from tracemill.store.store import Store

PRECIOUS = frozenset({"traces", "verdicts"})
"""Phases whose rows cost teacher calls or long judging: never redone without being asked to."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A committed or listed file that is missing or not what was written.

    `phase` is empty for the store's own state files, which the next run sets aside or makes again. `table`, `rows`,
    `min_id` and `max_id` say what was lost, where the file is a part. `precious`: not to be redone unasked.
    """

    path: str
    phase: str
    what: str
    precious: bool = False
    table: str | None = None
    rows: int | None = None
    min_id: str | None = None
    max_id: str | None = None


def write_manifest(run: Run, content: Mapping[str, Any], beside: Sequence[NamedFile] = ()) -> None:
    """Write `manifest.json`: `content`, the latest commit's number, every file it lists, and a seal.

    `beside`: files that no commit lists, since they are made from `content`, such as the dataset's card.

    Raises:
        ValueError: nothing is committed, or `content` has one of the keys that are added here.
    """
    if run.latest is None:
        raise ValueError("a build without a commit has no manifest")
    if taken := sorted({"commit", "files", *SEAL_KEYS} & set(content)):
        raise ValueError(f"the manifest adds {', '.join(taken)} itself")
    files = [*listed(run.latest), *(_entry("", None, file) for file in beside)]
    data = seal({**content, "commit": run.latest.number, "files": files})
    run.check()
    if _is_current(run.files, data):
        return
    run.files.delete(MANIFEST)
    if not run.files.create(MANIFEST, data):
        raise TracemillError(f"{run.files.url}/{MANIFEST} was written by another run; see that only one is running")


def listed(commit: commits.Commit) -> list[dict[str, Any]]:
    """Every file of a commit, as the manifest has it."""
    return [_entry(*place) for place in commit.paths()]


def _entry(phase: str, table: str | None, file: TablePart | NamedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "phase": phase,
        "table": table,
        "rows": file.rows,
        "bytes": file.bytes,
        "sha256": file.sha256,
    }


def _is_current(files: Files, data: bytes) -> bool:
    """Whether the manifest is there with these bytes; a damaged one is set aside."""
    if not files.exists(MANIFEST):
        return False
    try:
        read_sealed(files, MANIFEST)
    except BrokenSealError as exc:
        quarantine(files, MANIFEST, str(exc))
        return False
    return files.read(MANIFEST) == data


def read_manifest(store: Store) -> dict[str, Any] | None:
    """The manifest's content, or None while the build is unfinished.

    Raises:
        DamagedError: it is there and does not match its seal.
    """
    try:
        return read_sealed(store.files, MANIFEST)
    except FileNotFoundError:
        return None
    except BrokenSealError as exc:
        raise DamagedError(
            f"{store.files.url}/{MANIFEST} is damaged ({exc}); run `tracemill build` again: it is made anew"
        ) from exc


def foreign(store: Store, folder: str) -> Mapping[str, int]:
    """What lies in a folder of the build (`dataset/`) and was not written by it, see `ownership.foreign`.

    Raises:
        DamagedError: there is a manifest, and it does not match its seal.
    """
    commit, manifest = store.latest(), read_manifest(store)
    listed = [file.path for _, _, file in commit.paths()] if commit else []
    listed += [entry["path"] for entry in manifest["files"]] if manifest else []
    return ownership.foreign(store.files, folder, listed)


def verify(store: Store, quick: bool = False) -> list[Damage]:
    """Compare every file of the latest commit, and those that only the manifest lists, with its size and, unless
    `quick`, its hash; and the manifest with the commit."""
    commit, broken = commits.newest(store.files)
    found = [Damage(one.path, "", one.why) for one in broken]
    if commit is not None:
        found += _damaged_files(store.files, commit, quick)
    return found + list(_manifest_damage(store, commit, quick))


def _damaged_files(files: Files, commit: commits.Commit, quick: bool) -> Iterator[Damage]:
    for phase, table, file in commit.paths():
        what = _difference(files, file, quick)
        if what is None:
            continue
        ends = (file.min_id, file.max_id) if isinstance(file, TablePart) else (None, None)
        yield Damage(file.path, phase, what, phase in PRECIOUS, table, file.rows, *ends)


def _difference(files: Files, file: TablePart | NamedFile, quick: bool) -> str | None:
    try:
        size = files.size(file.path)
        if size != file.bytes:
            return f"has {size} bytes, not {file.bytes}"
        if not quick and files.sha256(file.path) != file.sha256:
            return "differs from its hash"
    except FileNotFoundError:
        return "missing"
    return None


def damaged_beside(store: Store, manifest: Mapping[str, Any], quick: bool = False) -> Iterator[Damage]:
    """Of the files that only the manifest lists, those that are missing or not what was written. They are made again
    with the manifest, so no phase is named."""
    for entry in manifest["files"]:
        if not entry["phase"]:
            file = NamedFile(entry["path"], entry["bytes"], entry["sha256"], entry["rows"])
            if what := _difference(store.files, file, quick):
                yield Damage(file.path, "", what)


def _manifest_damage(store: Store, commit: commits.Commit | None, quick: bool) -> Iterator[Damage]:
    try:
        manifest = read_manifest(store)
    except DamagedError as exc:
        yield Damage(MANIFEST, "", str(exc.__cause__))
        return
    if manifest is None:
        return
    if manifest["commit"] != (commit.number if commit else None):
        yield Damage(MANIFEST, "", f"speaks of commit {manifest['commit']}, which is not the latest that is whole")
    yield from damaged_beside(store, manifest, quick)
