"""Going on from a published build where its folder is gone: problems are made again, which costs no call; traces,
verdicts and calls are taken from the repository, and committed as if they had been asked for here."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from tracemill.publishing.hub.published_builds import FOLDER, PublishedFile
from tracemill.publishing.hub.published_repository import PublishedRepository
from tracemill.publishing.hub.repository_files import RESUMED_FROM
from tracemill.running.phases.ask_teachers import TABLES, AskTeachers
from tracemill.running.phases.phase import TABLE_SCHEMAS, Build, Work
from tracemill.settings.errors import TracemillError

_IDS = {"traces": "problem_id", "completions": "problem_id", "unasked": "problem_id"}


def take_over(work: Work, published: PublishedRepository) -> None:
    """Commits what the newest published build has of the phase `traces`; nothing where this build has asked itself.

    Raises:
        TracemillError: traces of problems that the sources do not give.
    """
    build = work.build
    if AskTeachers.name in {**build.commit.keys, **build.commit.forgotten}:
        return
    newest = published.chain.newest
    key = {**newest.keys[AskTeachers.name], "inputs": build.digest("problems", "screened")}
    journal = work.run.journal(AskTeachers.name, TABLES, key=key)
    if len(journal.done()):
        return
    work.watch.phase("resume", sum(file.rows or 0 for table in TABLES for file in _files(published, table)))
    known = pa.concat_arrays([pa.array([], pa.string()), *_ids(build)])
    for table in TABLES:
        for batch in published.batches(_files(published, table)):
            rows = batch.replace_schema_metadata(TABLE_SCHEMAS[table].metadata)
            _refuse_unknown(rows, table, known, published)
            journal.append([], {table: rows})
            work.watch.step(rows.num_rows, rows.num_rows)
    work.run.commit(AskTeachers.name, key, TABLES, extend=True)
    build.latest = work.run.latest


def _files(published: PublishedRepository, table: str) -> list[PublishedFile]:
    folder = f"{FOLDER}{table}/" if table in RESUMED_FROM else f"{table}/"
    return published.chain.newest.files_of(folder)


def _ids(build: Build) -> Iterator[pa.Array]:
    for batch in build.store.scan(build.commit, "problems", ("id",)):
        yield batch.column(0).cast(pa.string())


def _refuse_unknown(rows: pa.RecordBatch, table: str, known: pa.Array, published: PublishedRepository) -> None:
    column = _IDS.get(table)
    if column is None:
        return
    there = pa.compute.is_in(rows.column(column).cast(pa.string()), value_set=known)
    if not pa.compute.all(there, min_count=0).as_py():
        raise TracemillError(
            f"{published.address} has {table} of problems that this config's sources do not give; build with the "
            "config that it was built with, or into another --out"
        )
