"""`tracemill publish DIR REPO`: puts a finished build's dataset on the Hugging Face Hub, in one commit."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracemill.cli.command import Command, add_dir, add_json
from tracemill.cli.output import note, show, show_json

if TYPE_CHECKING:
    from tracemill.publishing.hub.hub_session import HubSession
    from tracemill.publishing.hub.publish_build import Publication
    from tracemill.publishing.hub.published_builds import PublishedFile
    from tracemill.publishing.hub.repository_files import FinishedBuild

_NAMED, _LINES = 20, 200
"""Files that are named, and lines of the card that are shown; of more, the number is."""


def _add_arguments(parser: ArgumentParser) -> None:
    add_dir(parser)
    parser.add_argument("repository", metavar="REPO", help="OWNER/NAME on the Hub")
    parser.add_argument("--dry-run", action="store_true", help="say what would change there, and change nothing")
    parser.add_argument("--public", action="store_true", help="let everybody read it; else a new repository is private")
    parser.add_argument("--revision", metavar="BRANCH", default="main", help="the branch (default: main)")
    parser.add_argument("--message", metavar="TEXT", default="", help="the commit's title (default: the build's name)")
    parser.add_argument("--replace", action="store_true", help="also files that no build of ours has put there")
    parser.add_argument(
        "--onto-latest",
        action="store_true",
        help="where builds were added since: leave out what they have, then publish",
    )
    add_json(parser, "the commit and tag, and what was changed; with --dry-run what would be")


def _run(arguments: Namespace) -> int:
    from tracemill.cli.progress import Bars
    from tracemill.publishing.hub.hub_address import hub_address
    from tracemill.publishing.hub.hub_session import HubSession
    from tracemill.publishing.hub.publish_build import PublishOptions, prepare_publication, publish
    from tracemill.publishing.hub.repository_files import finished_build
    from tracemill.running.schema_version import open_build
    from tracemill.settings.errors import UsageError

    address = hub_address(arguments.repository)
    if address.revision is not None:
        raise UsageError(f"{arguments.repository}: name the branch by --revision {address.revision}")
    options = PublishOptions(arguments.revision, arguments.public, arguments.replace, arguments.message)
    with Bars(quiet=arguments.quiet) as bars, tempfile.TemporaryDirectory(prefix="tracemill-") as scratch:
        session = HubSession(address.repository, bars.say)
        build = finished_build(open_build(arguments.dir))
        if arguments.onto_latest:
            _put_onto_latest(arguments.dir, build, session, options.branch, bars)
            build = finished_build(open_build(arguments.dir))
        publication = prepare_publication(build, session, options, Path(scratch))
        done = None if arguments.dry_run else publish(publication, bars)
    if arguments.json:
        made = {} if done is None else {"commit": done.commit, "made": done.made}
        show_json({**_said(publication), **made})
        return 0
    if arguments.dry_run:
        show("\n".join(_plan(publication)))
    elif done is not None:
        show("\n".join(_outcome(publication, done.commit, done.made)))
    return 0


def _put_onto_latest(folder: str, build: FinishedBuild, session: HubSession, branch: str, bars: Any) -> None:
    """Builds again what depends on the builds before this one, where there are other ones now."""
    from tracemill.publishing.hub.hub_address import HubAddress
    from tracemill.publishing.hub.publish_build import is_newest
    from tracemill.publishing.hub.published_repository import open_published
    from tracemill.running import build as builds
    from tracemill.running.build_config import config_of
    from tracemill.settings.errors import UsageError
    from tracemill.settings.yaml_files import Origin, Origins, YamlFile

    earlier = build.manifest["earlier"]
    if earlier is None:
        raise UsageError(f"the build at {folder!r} adds to no other (`incremental`): there is nothing to put it onto")
    latest = open_published(HubAddress(session.repository, branch), bars.say)
    if latest.chain.newest.digest == earlier["digest"] or is_newest(build, latest.chain):
        return
    note(f"{session.repository} has moved on; leaving out what it has at {latest.address.revision}")
    data = builds.recorded_configs(build.store)[0]
    overrides = [f"incremental.previous={latest.address}"]
    builds.run(builds.prepare(config_of(YamlFile(folder, data, Origins(Origin(folder))), overrides), folder), bars)


def _said(publication: Publication) -> dict[str, Any]:
    changes = publication.changes
    return {
        "repository": publication.session.repository,
        "branch": publication.options.branch,
        "private": publication.head.private if publication.head else not publication.options.public,
        "exists": publication.head is not None,
        "title": publication.title,
        "tag": publication.tag,
        "added": _listed(changes.added),
        "replaced": _listed(changes.replaced),
        "removed": list(changes.removed),
        "kept": list(changes.foreign),
        "rows": dict(publication.build.manifest["view_totals"]),
        "bytes": sum(file.bytes for file in changes.sent.values()),
        "card": list(_card_lines(publication)),
    }


def _listed(files: Mapping[str, PublishedFile]) -> list[dict[str, Any]]:
    return [{"path": path, "rows": file.rows, "bytes": file.bytes} for path, file in sorted(files.items())]


def _card_lines(publication: Publication) -> Iterable[str]:
    from tracemill.publishing.hub.repository_changes import card_difference

    return card_difference(publication.card_before, publication.card_after)


def _plan(publication: Publication) -> Iterator[str]:
    """What would change, for people."""
    changes, said = publication.changes, _said(publication)
    state = "" if said["exists"] else ", which would be made"
    yield f"{said['repository']}@{said['branch']}{state} (dry run, nothing is changed there)"
    whose = "private" if said["private"] else "public"
    yield f"  {whose}; {len(publication.wanted.chain.builds)} build(s); tag {said['tag']}"
    if changes.none:
        yield "  it is all there already: nothing to do"
    for what, files in (("add", changes.added), ("replace", changes.replaced)):
        yield from _file_lines(what, files)
    yield from (f"  remove  {path}" for path in changes.removed[:_NAMED])
    if len(changes.removed) > _NAMED:
        yield f"  remove  … and {len(changes.removed) - _NAMED} more"
    if changes.foreign:
        named = ", ".join(changes.foreign[:_NAMED]) + (" …" if len(changes.foreign) > _NAMED else "")
        yield f"  kept, since no build of ours put them there: {named}"
    rows = ", ".join(f"{view} {count:,}" for view, count in said["rows"].items())
    yield f"  rows of this build: {rows}; {said['bytes'] / 1e6:,.1f} MB to send at most, {_resumed(publication)}"
    yield from _card_plan(publication)


def _card_plan(publication: Publication) -> Iterator[str]:
    """What would change of the card, without its header, which lists every file and column."""
    from tracemill.publishing.hub.repository_changes import card_difference

    before, after = (text.partition("\n---\n") for text in (publication.card_before, publication.card_after))
    body = card_difference(before[2], after[2])
    if header := card_difference(before[0], after[0]):
        yield f"  the card's header: {len(header)} lines differ (--json has them)"
    if body:
        yield "  the card:"
        yield from (f"    {line}" for line in body[:_LINES])
    if len(body) > _LINES:
        yield f"    … and {len(body) - _LINES} lines more"


def _file_lines(what: str, files: Mapping[str, PublishedFile]) -> Iterator[str]:
    for path, file in sorted(files.items())[:_NAMED]:
        rows = f", {file.rows:,} rows" if file.rows is not None else ""
        yield f"  {what:<8}{path}{rows}, {file.bytes:,} bytes"
    if len(files) > _NAMED:
        yield f"  {what:<8}… and {len(files) - _NAMED} more"


def _resumed(publication: Publication) -> str:
    from tracemill.publishing.hub.published_builds import FOLDER

    size = sum(file.bytes for path, file in publication.changes.sent.items() if path.startswith(FOLDER))
    return f"of them {size / 1e6:,.1f} MB from which the build can be resumed"


def _outcome(publication: Publication, commit: str, made: bool) -> Iterator[str]:
    said = _said(publication)
    page = publication.session.page
    if not made:
        yield f"{page} has this build already, at {commit[:8]} (tag {said['tag']}): nothing to do"
        return
    changed = f"{len(said['added'])} added, {len(said['replaced'])} replaced, {len(said['removed'])} removed"
    yield f"{page} ({'private' if said['private'] else 'public'}): {changed} in commit {commit[:8]}, tag {said['tag']}"
    if said["kept"]:
        yield f"  kept, since no build of ours put them there: {', '.join(said['kept'][:_NAMED])}"


COMMAND = Command(
    "put a finished build's dataset on the Hugging Face Hub, in one commit",
    "tracemill publish builds/mine me/mine --dry-run",
    _add_arguments,
    _run,
)
