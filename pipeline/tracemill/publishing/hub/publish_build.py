"""Publishing a build: what would change, and then one commit that changes it.

Large files go ahead; whatever of them arrived is not sent again by the next try. The commit names its parent, so that
readers see the revision before or the one after, and two who publish at once cannot undo each other. Whether a commit
whose answer was lost has been made, the branch's history says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from tracemill.publishing.hub.hub_session import MAIN, HubSession, RemoteFile, RepositoryHead
from tracemill.publishing.hub.hub_trouble import MovedOnError, error_of
from tracemill.publishing.hub.published_builds import PublishedChain, read_chain
from tracemill.publishing.hub.repository_changes import (
    MADE_BY_THE_HUB,
    RepositoryChanges,
    changes_of,
    is_made,
    tree_after,
)
from tracemill.publishing.hub.repository_files import (
    CARD,
    FinishedBuild,
    WantedContents,
    content_of,
    published_build,
    wanted_of,
)
from tracemill.settings.errors import UsageError

_AT_ONCE = 32
"""Files that are announced and sent together."""


class UploadWatch(Protocol):
    """Where progress is shown."""

    def phase(self, name: str, total: int | None, unit: str = "rows") -> None: ...

    def step(self, count: int, rows: int = 0) -> None: ...


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """`public`: a new repository can be read by all, and one that can be may be written to. `replace`: also what is not
    ours, where it is in the way. `message`: the commit's title."""

    branch: str = MAIN
    public: bool = False
    replace: bool = False
    message: str = ""


@dataclass(frozen=True)
class Publication:
    """What is to be done. `head`: the commit that the changes are made for, None where there is no repository;
    `branches`: whether it has the branch."""

    build: FinishedBuild
    session: HubSession
    options: PublishOptions
    head: RepositoryHead | None
    branches: bool
    there: Mapping[str, RemoteFile]
    wanted: WantedContents
    changes: RepositoryChanges
    card_before: str

    @property
    def tag(self) -> str:
        return self.wanted.chain.newest.tag

    @property
    def title(self) -> str:
        return f"{self.options.message or 'Build ' + self.wanted.chain.newest.name} ({self.tag})"

    @property
    def card_after(self) -> str:
        return (self.wanted.contents[CARD].data or b"").decode()


@dataclass(frozen=True, slots=True)
class Published:
    """`commit`: the one that has the build now, `made`: whether there was anything to change."""

    commit: str
    tag: str
    made: bool


def prepare_publication(
    build: FinishedBuild, session: HubSession, options: PublishOptions, scratch: Path
) -> Publication:
    """Looks at the repository and changes nothing. `scratch`: a folder for files that are made to be sent.

    Raises:
        UsageError: no token; the repository is not ours, or can be read by all; files of others are in the way; this
            build adds to one that is not there.
        MovedOnError: another build was added since this one was made.
    """
    session.require_token()
    on_branch = session.head(options.branch)
    head = on_branch or (session.head() if options.branch != MAIN else None)
    there: dict[str, RemoteFile] = {}
    chain = None
    if head is None:
        session.require_namespace()
    else:
        _refuse_public(session, head, options)
        there = session.tree(head.commit)
        chain = read_chain(session, head.commit, there)
        _refuse_not_ours(session, there, chain, options)
    before = _builds_before(build, session, chain, options)
    own, contents = published_build(build, scratch)
    wanted = wanted_of(build, own, contents, before, session, head.commit if head else None)
    changes = changes_of(wanted.files(), there, chain)
    if changes.in_the_way and not options.replace:
        raise UsageError(
            f"in {session.repository}, {_named(changes.in_the_way)} "
            "would be replaced, and no build of ours wrote what stands there now; keep a copy if it matters (revisions "
            "before stay on the Hub), and publish with --replace"
        )
    _refuse_lost(session, changes, wanted)
    card_before = session.download(CARD, head.commit).read_text("utf-8") if head and CARD in there else ""
    return Publication(build, session, options, head, on_branch is not None, there, wanted, changes, card_before)


def _refuse_lost(session: HubSession, changes: RepositoryChanges, wanted: WantedContents) -> None:
    if lost := sorted(changes.sent.keys() - wanted.contents.keys()):
        raise UsageError(
            f"{session.repository} lacks {_named(lost)}, which an earlier build put there and this one adds to; put "
            "the revision back that had them, or publish a build that adds to none"
        )


def _refuse_public(session: HubSession, head: RepositoryHead, options: PublishOptions) -> None:
    if not head.private and not options.public:
        raise UsageError(
            f"{session.repository} can be read by everybody; publish with --public if this dataset may be, or make it "
            f"private first ({session.page}/settings)"
        )


def _refuse_not_ours(
    session: HubSession, there: Mapping[str, RemoteFile], chain: PublishedChain | None, options: PublishOptions
) -> None:
    others = sorted(there.keys() - MADE_BY_THE_HUB)
    if chain is None and others and not options.replace:
        raise UsageError(
            f"{session.repository} holds {_named(others)}, and no build of tracemill; give another repository, or "
            "--replace, which replaces files that have the name of one of ours and keeps the others"
        )


def _named(paths: Sequence[str]) -> str:
    return ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")


def _builds_before(
    build: FinishedBuild, session: HubSession, chain: PublishedChain | None, options: PublishOptions
) -> PublishedChain | None:
    """The builds that this one adds to, as they lie in the repository; None where it adds to none."""
    earlier = build.manifest["earlier"]
    if earlier is None:
        _refuse_other_builds(build, session, chain, options)
        return None
    if chain is not None and len(chain.builds) > 1 and is_newest(build, chain):
        chain = replace(chain, builds=chain.builds[:-1])
    digests = [one.digest for one in chain.builds] if chain else []
    if digests and digests[-1] == earlier["digest"]:
        return chain
    if earlier["digest"] in digests:
        since = len(digests) - 1 - digests.index(earlier["digest"])
        raise MovedOnError(
            f"{session.repository} has moved on: {since} build(s) were added after the one that this build adds to, "
            "and it may have what they have, so nothing was published; --onto-latest leaves that out first"
        )
    raise UsageError(
        f"this build adds to build {earlier['digest'][:16]} ({earlier['where']}), and that is not what "
        f"{session.repository} holds; publish that one there first"
    )


def _refuse_other_builds(
    build: FinishedBuild, session: HubSession, chain: PublishedChain | None, options: PublishOptions
) -> None:
    """A build that adds to none takes the place of all that is there; of itself it may."""
    if chain is None or options.replace or (len(chain.builds) == 1 and is_newest(build, chain)):
        return
    there = ", ".join(f"{one.name} ({one.tag})" for one in chain.builds[-3:])
    raise UsageError(
        f"{session.repository} holds {len(chain.builds)} build(s) that this one would take the place of: {there}; give "
        "another repository, or --replace (revisions before stay on the Hub)"
    )


def is_newest(build: FinishedBuild, chain: PublishedChain) -> bool:
    """Whether the newest of the builds is this one, as it was when it was published."""
    return build.digest == chain.newest.digest or build.lineage == chain.newest.lineage != ""


def publish(publication: Publication, watch: UploadWatch) -> Published:
    """Does it. Interrupted at any moment, the same call goes on where it was.

    Raises:
        UsageError: the token may not write there.
        MovedOnError: somebody else's commit came first.
        TracemillError: the Hub fails, again and again.
    """
    session = publication.session
    publication = _with_repository(publication)
    assert publication.head is not None
    if publication.changes.none:
        session.tag(publication.tag, publication.head.commit, publication.title)
        return Published(publication.head.commit, publication.tag, made=False)
    additions = _sent(publication, watch)
    commit = _commit(publication, additions)
    session.tag(publication.tag, commit, publication.title)
    return Published(commit, publication.tag, made=True)


def _with_repository(publication: Publication) -> Publication:
    """Makes repository and branch where there are none. What the Hub puts into a new one is no change of ours."""
    session, options = publication.session, publication.options
    head = publication.head
    if head is None:
        session.create(private=not options.public)
        head = session.head()
        if head is None:
            raise UsageError(f"{session.repository} was made on the Hub, and cannot be seen with this token")
        there = session.tree(head.commit)
        if others := sorted(there.keys() - MADE_BY_THE_HUB):
            raise MovedOnError(
                f"{session.repository} was made by somebody else meanwhile, with {_named(others)}; run again"
            )
        publication = replace(publication, head=head, there=there)
    if options.branch != MAIN and not publication.branches:
        session.create_branch(options.branch)
    return publication


def _sent(publication: Publication, watch: UploadWatch) -> list[Any]:
    """The additions of the commit; the large ones are on the Hub by now."""
    from huggingface_hub import CommitOperationAdd

    changes = publication.changes
    watch.phase("upload", len(changes.sent), "files")
    additions: list[Any] = []
    files = sorted(changes.sent.items())
    for start in range(0, len(files), _AT_ONCE):
        made = []
        for path, file in files[start : start + _AT_ONCE]:
            content = content_of(publication.build, path, publication.wanted.contents[path])
            addition = CommitOperationAdd(path, content)
            addition.upload_info.sha256 = bytes.fromhex(file.sha256)
            made.append(addition)
        publication.session.upload(made, publication.options.branch)
        _refuse_ignored(publication.session, made)
        additions += made
        watch.step(len(made))
    return additions


def _refuse_ignored(session: HubSession, additions: Sequence[Any]) -> None:
    """The client leaves files out of a commit that the repository's `.gitignore` names, and says nothing of it."""
    if ignored := [one.path_in_repo for one in additions if getattr(one, "_should_ignore", False)]:
        raise UsageError(
            f"the .gitignore of {session.repository} leaves out {_named(ignored)}, and a dataset without them would "
            "not load; take that out of it"
        )


def _commit(publication: Publication, additions: list[Any]) -> str:
    """The commit's id. Before it is tried again, and when somebody else's came first, the history is looked at."""
    from huggingface_hub import CommitOperationDelete

    session, branch = publication.session, publication.options.branch
    assert publication.head is not None
    parent = publication.head.commit
    operations = [*additions, *(CommitOperationDelete(path) for path in publication.changes.removed)]
    failures = 0
    while True:
        try:
            return session.commit(operations, publication.title, _text(publication), branch, parent)
        except Exception as exc:  # noqa: BLE001  whatever it was: was the commit made?
            if (made := _made(publication, parent)) is not None:
                return made
            failures += 1
            if not session.wait(exc, failures):
                raise error_of(exc, "commit to", session.repository) from None


def _made(publication: Publication, parent: str) -> str | None:
    """Our commit, where the branch has it; None where nothing came after the parent.

    Raises:
        MovedOnError: something else came after it.
    """
    session, branch = publication.session, publication.options.branch
    paths = tree_after(publication.there, publication.changes)
    since: list[str] = []
    for commit, title in session.history(branch):
        if commit == parent:
            break
        if title == publication.title and is_made(session.tree(commit), paths, publication.wanted.files()):
            return commit
        since.append(f"{commit[:8]} {title!r}")
    if since:
        raise MovedOnError(
            f"{session.repository} has moved on since it was looked at ({_named(since)}), and nothing of ours was "
            "committed; run the same command again (what was uploaded is kept there)"
        )
    return None


def _text(publication: Publication) -> str:
    """What the commit says below its title."""
    rows = publication.build.manifest["view_totals"]
    said = ", ".join(f"{view} {count:,}" for view, count in rows.items())
    return f"Rows: {said}.\nManifest: {publication.build.digest}"
