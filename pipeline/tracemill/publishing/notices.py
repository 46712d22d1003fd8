"""The folder `LICENSES` of a dataset: the licence texts and copyright lines of the works whose text its rows show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tracemill.publishing.figure import ManifestContent
from tracemill.records.licences import Notice

FOLDER = "LICENSES"
OVERVIEW = f"{FOLDER}/NOTICES.md"


def file_of(notice: Notice) -> str:
    """Where its text lies within the dataset: `LICENSES/networkx-3.6.1.txt`."""
    return f"{FOLDER}/{re.sub(r'[^A-Za-z0-9._-]+', '-', notice.name)}.txt"


def notice_files(manifest: ManifestContent, notices: Sequence[Notice]) -> Mapping[str, bytes]:
    """The files of the folder by their paths within the dataset; none where the dataset shows no work of others."""
    shown = {entry["file"] for entry in manifest["notices"]}
    kept = [notice for notice in notices if file_of(notice) in shown]
    if not kept:
        return {}
    files = {file_of(notice): notice.text.encode() for notice in kept}
    return files | {OVERVIEW: _overview(kept).encode()}


def _overview(notices: Sequence[Notice]) -> str:
    parts = ["# Notices\n\nProblems of this dataset show text of these works. Keep this folder with every copy of it."]
    for notice in notices:
        terms = f"Licence: {notice.licence}. " if notice.licence else "Licence: as each row states it. "
        whose = f"Problems that show it have `{notice.covers}` among their `tags`, or as the name of their source."
        text = f"{terms}Text and copyright lines: `{file_of(notice).rpartition('/')[2]}`. {whose}"
        parts.append(f"## {notice.name}\n\n{' '.join(part for part in (text, notice.changes) if part)}")
    return "\n\n".join(parts) + "\n"


def united_overview(earlier: str, newest: str) -> str:
    """The overview of two builds, of which one adds to the other: what both name, as the newest says it."""
    (head, here), (_, there) = _sections(newest), _sections(earlier)
    return "\n\n".join([head, *(f"## {text}" for _, text in sorted({**there, **here}.items()))]) + "\n"


def _sections(overview: str) -> tuple[str, dict[str, str]]:
    """What stands before the first heading, and the text of each section by its heading."""
    head, *sections = re.split(r"\n\n## ", overview.rstrip("\n"))
    return head, {section.partition("\n")[0]: section for section in sections}
