"""A repository with builds of ours, read at one commit: to resume its newest build, or to add a further one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from tracemill.publishing.hub.hub_address import HubAddress
from tracemill.publishing.hub.hub_session import MAIN, HubSession
from tracemill.publishing.hub.published_builds import PublishedChain, PublishedFile, read_chain
from tracemill.records.schema import SCHEMA_VERSION
from tracemill.settings.errors import UsageError

_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class PublishedRepository:
    """`address` has the commit as its revision."""

    address: HubAddress
    session: HubSession
    chain: PublishedChain

    def batches(self, files: Sequence[PublishedFile], columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of some of its files, one file after another; each is checked against its hash."""
        commit = self.address.revision or MAIN
        for file in files:
            with pq.ParquetFile(self.session.download(file.path, commit, file.sha256)) as opened:
                yield from opened.iter_batches(_ROWS_AT_ONCE, columns=columns)


def find_published(address: HubAddress, say: Callable[[str], None]) -> PublishedRepository | None:
    """The repository at the commit that the address means now; None where there is none, or no build of ours in it.

    Raises:
        UsageError: a build of another schema version.
    """
    session = HubSession(address.repository, say)
    head = session.head(address.revision or MAIN)
    chain = None if head is None else read_chain(session, head.commit, session.tree(head.commit))
    if head is None or chain is None:
        return None
    refuse_other_version(str(address), chain.newest.schema_version)
    return PublishedRepository(HubAddress(address.repository, head.commit), session, chain)


def open_published(address: HubAddress, say: Callable[[str], None]) -> PublishedRepository:
    """As `find_published`.

    Raises:
        UsageError: also where there is no build of ours.
    """
    found = find_published(address, say)
    if found is None:
        raise UsageError(
            f"no published build at {address}: there is no such repository or revision, this token may not see it, or "
            "it holds no build of tracemill (tracemill/builds.json); see that the name is right, and set HF_TOKEN if "
            "it is private"
        )
    return found


def refuse_other_version(where: str, version: int) -> None:
    """Raises: UsageError: a build whose columns mean something else."""
    if version != SCHEMA_VERSION:
        raise UsageError(
            f"the build at {where} has schema version {version}, and this tracemill writes version {SCHEMA_VERSION}: "
            "its rows have other columns; build it again with this version and publish that, or use the tracemill that "
            "made it"
        )
