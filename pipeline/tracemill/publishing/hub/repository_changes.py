"""What a publication would change in a repository, and what lies there that is not ours."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tracemill.publishing.hub.hub_session import RemoteFile
from tracemill.publishing.hub.published_builds import BUILDS, PublishedChain, PublishedFile

MADE_BY_THE_HUB = frozenset({".gitattributes", ".gitignore"})
"""What lies in repositories that nobody has put anything into."""


@dataclass(frozen=True)
class RepositoryChanges:
    """`added`, `replaced` and `same` are files that are wanted; `removed` those of an earlier build that are not.
    `foreign`: files that no build of ours has put there, or that somebody changed since; they stay. `in_the_way`: the
    foreign ones among those in whose place a file is wanted."""

    added: Mapping[str, PublishedFile] = field(default_factory=dict)
    replaced: Mapping[str, PublishedFile] = field(default_factory=dict)
    same: Mapping[str, PublishedFile] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    in_the_way: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        return not (self.added or self.replaced or self.removed)

    @property
    def sent(self) -> dict[str, PublishedFile]:
        return {**self.added, **self.replaced}


def changes_of(
    wanted: Mapping[str, PublishedFile], there: Mapping[str, RemoteFile], chain: PublishedChain | None
) -> RepositoryChanges:
    """`there`: what lies in the repository; `chain`: what of it earlier builds put there."""
    ours = chain.files() if chain else {}
    known = {path for path, file in ours.items() if path in there and file.is_at(there[path])}
    known |= {BUILDS} & there.keys() if chain else set()
    added = {path: file for path, file in wanted.items() if path not in there}
    same = {path: file for path, file in wanted.items() if path in there and file.is_at(there[path])}
    replaced = {path: file for path, file in wanted.items() if path not in added and path not in same}
    foreign = there.keys() - known - same.keys() - MADE_BY_THE_HUB
    return RepositoryChanges(
        added,
        replaced,
        same,
        removed=tuple(sorted(known - wanted.keys())),
        foreign=tuple(sorted(foreign - replaced.keys())),
        in_the_way=tuple(sorted(foreign & replaced.keys())),
    )


def tree_after(there: Mapping[str, RemoteFile], changes: RepositoryChanges) -> frozenset[str]:
    """The paths that the repository has when the changes are made."""
    return frozenset(there.keys() - set(changes.removed) | changes.sent.keys())


def is_made(there: Mapping[str, RemoteFile], paths: Iterable[str], wanted: Mapping[str, PublishedFile]) -> bool:
    """Whether a tree is the one that a publication makes: just these paths, and what is wanted under its own."""
    return there.keys() == set(paths) and all(file.is_at(there[path]) for path, file in wanted.items())


def card_difference(before: str, after: str) -> list[str]:
    """Lines of a unified difference; none where the card stays as it is."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), "published", "new", lineterm=""))
