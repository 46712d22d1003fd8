"""A look at the beginning of somebody's data: what holds the rows, and the first of them as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from tracemill.settings.errors import UsageError
from tracemill.sources.hub_source import hub_files
from tracemill.sources.input_file import InputFile
from tracemill.sources.lines import BadLineError, decoded, object_of
from tracemill.sources.parquet_rows import PieceReader, files_at, measured, pieces

_HUB = re.compile(r"hf://(?:datasets/)?(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[^/]+|refs/[^/]+/[^/]+))?/?")
_PARQUET = b"PAR1"
_PARQUET_ENDINGS = (".parquet", ".parq", ".pq")


@dataclass(frozen=True, slots=True)
class Looked:
    """`container`: the keys of a source by which a config finds the rows; `called`: a name for it; `bad`: why rows
    among the first could not be read; `licence`: what the data says of itself."""

    container: dict[str, Any]
    called: str
    rows: list[Mapping[str, Any]]
    bad: list[str]
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class HubChoice:
    """What is wanted of a dataset on the Hub."""

    config: str | None = None
    split: str = "train"
    revision: str | None = None


def look(address: str, count: int, choice: HubChoice) -> Looked:
    """The first rows at a path, `hf://owner/name`, or another address of fsspec.

    Raises:
        UsageError: there is nothing that can be read.
    """
    if hub := _HUB.fullmatch(address):
        revision = choice.revision or hub["revision"] or "main"
        return _look_at_hub(hub["repo"], choice.config, choice.split, revision, count)
    if _is_parquet(address):
        path = address if "://" in address else str(Path(address).absolute())
        return _of_parquet(files_at(path, "import"), {"kind": "parquet", "path": address}, address, count)
    if "://" in address:
        raise UsageError(
            f"import: {address!r} is no Parquet file, and lines are read from here: copy it, and give its path"
        )
    return _of_lines(address, count)


def _is_parquet(address: str) -> bool:
    path = Path(address)
    if "://" in address:
        return address.rstrip("/").endswith(_PARQUET_ENDINGS) or "*" in address or not Path(address).suffix
    if path.is_dir() or any(mark in address for mark in "*?["):
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == _PARQUET


def _look_at_hub(repo: str, config: str | None, split: str, revision: str, count: int) -> Looked:
    found = hub_files(repo, config, split, revision)
    container = {"kind": "hub", "repo": repo, "config": config, "split": split, "revision": found.commit}
    shown = {key: value for key, value in container.items() if value is not None}
    looked = _of_parquet(found.urls, shown, repo.rpartition("/")[2], count)
    return replace(looked, licence=found.licence)


def _of_parquet(urls: list[str], container: dict[str, Any], called: str, count: int) -> Looked:
    reader = PieceReader(None)
    rows: list[Mapping[str, Any]] = []
    bad: list[str] = []
    # One file after the other: there may be thousands, and the first has enough rows.
    for url in urls:
        (file,) = measured([url], None, "import")
        for piece in pieces(file, 0, min(file.rows, count - len(rows) - len(bad))):
            for row in reader.read(piece):
                if isinstance(row, BadLineError):
                    bad.append(f"{row.reason}: {row.detail}")
                else:
                    rows.append(row)
        if len(rows) + len(bad) >= count:
            break
    reader.close()
    return Looked(container, _called(called), rows, bad)


def _of_lines(path: str, count: int) -> Looked:
    rows: list[Mapping[str, Any]] = []
    bad: list[str] = []
    lines = (decoded(line, first=number == 0) for number, line in enumerate(InputFile(path, "import").lines()))
    for text, fault in islice(((text, fault) for text, fault in lines if text or fault), count):
        try:
            rows.append(object_of(text, fault))
        except BadLineError as exc:
            bad.append(f"{exc.reason}: {exc.detail}" if exc.detail else exc.reason)
    return Looked({"kind": "jsonl", "path": path}, _called(path), rows, bad)


def _called(address: str) -> str:
    """A name that a build may have: `data/My rows.jsonl.gz` gives `my_rows`."""
    stem = next((part for part in reversed(re.split(r"[/@]", address)) if re.search(r"[A-Za-z0-9]", part)), "rows")
    stem = re.sub(r"(?:\.(?:jsonl|json|gz|zst|bz2|xz|parquet|parq|pq))+$", "", stem)
    return re.sub(r"[^a-z0-9_.-]+", "_", stem.lower()).strip("_.-") or "rows"
