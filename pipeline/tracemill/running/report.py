"""The report of a build: written when it is finished, and at any time from what is committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracemill.publishing.manifest_content import measured_so_far
from tracemill.publishing.report.page import PhaseRow, page
from tracemill.running.build import PHASES, check, recorded_configs
from tracemill.running.build_config import config_of
from tracemill.running.phases.phase import Build
from tracemill.running.reading import CommitTables, reading_of
from tracemill.running.schema_version import open_build
from tracemill.settings.errors import UsageError
from tracemill.settings.yaml_files import Origin, Origins, YamlFile
from tracemill.store.commits import Commit
from tracemill.store.manifest import read_manifest
from tracemill.store.store import Store


@dataclass(frozen=True, slots=True)
class BuildReport:
    """`html`: the page. `finished`: whether the build was, so that the page has all of it."""

    html: bytes
    finished: bool


def report_of(url: str) -> BuildReport:
    """The report of a build as it is: of a finished one the bytes that the build wrote beside its manifest.

    Raises:
        UsageError: there is no build, it is of another schema version, or the config of an unfinished one cannot be
            read any more.
        DamagedError: a file that the report needs is damaged.
    """
    store = open_build(url)
    commit = store.latest()
    if commit is None:
        raise UsageError(f"there is no finished phase at {url!r}; make a build with `tracemill build CONFIG --out DIR`")
    tables = CommitTables(store, commit, commit.keys.get("verdicts", {}).get("judges"))
    manifest = read_manifest(store)
    if manifest is not None and manifest["commit"] == commit.number:
        return BuildReport(page(manifest, tables), True)
    phases = [PhaseRow(phase.name, phase.name in commit.keys) for phase in PHASES]
    return BuildReport(page(measured_so_far(reading_of(_build(url, store, commit))), tables, phases), False)


def _build(url: str, store: Store, commit: Commit) -> Build:
    """The build under the config of its latest run.

    Raises:
        UsageError: there is none, or it names what is not there any more.
    """
    recorded: list[dict[str, Any]] = recorded_configs(store)
    if not recorded:
        raise UsageError(f"the runs of {url!r} say nothing of their config; run `tracemill build` again")
    config = config_of(YamlFile(url, recorded[0], Origins(Origin(url))))
    checked = check(config)
    return Build(config, checked.curriculum, checked.sources, store, commit)
