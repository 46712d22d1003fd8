"""Phase 5: the verifiers themselves are judged. One that fails cannot select data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tracemill.running.build_config import BuildConfig
from tracemill.running.phases.phase import Build, Work, judges_of, verifiers_of
from tracemill.selection.policy import VIEWS
from tracemill.settings.errors import TracemillError
from tracemill.settings.plugins import installed, load
from tracemill.verifiers.audit import AuditReport, audit

REPORT = "audit/report.json"


class Audit:
    name = "audit"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        domains = {name: load("task", name).version for name in audited_domains(build)}
        return {
            "judges": judges_of(build.config),
            "selecting": selecting(build.config),
            "domains": domains,
            "cases": build.config.verify.audit,
            "seed": build.config.seed,
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        verifiers = verifiers_of(build.config)
        work.watch.phase(self.name, len(verifiers))
        reports = []
        for name, parameters in verifiers:
            reports.append(audit(name, sorted(key["domains"]), key["cases"], key["seed"], parameters))
            work.watch.step(1)
        refuse_failed(reports, key["selecting"])
        text = json.dumps([asdict(report) for report in reports], indent=1, sort_keys=True)
        entry = work.run.put(REPORT, text.encode())
        work.run.write_parts(self.name, key, {}, files=[entry])


def audited_domains(build: Build) -> list[str]:
    """The installed domains among the parts of the sources."""
    parts = {name for source in build.sources for name in source.parts()}
    return sorted(parts & set(installed("task")))


def selecting(config: BuildConfig) -> list[str]:
    """The verifiers whose word selects data: those that are required, and those that a view's policy reads."""
    read = {verifier for view in config.views for verifier in VIEWS[view].reads}
    return [name for name in config.verify.verifiers if name in read or name in config.verify.require]


def refuse_failed(reports: Sequence[AuditReport], selecting: Sequence[str]) -> None:
    """Raises:
    TracemillError: a verifier that selects data failed its audit.
    """
    failed = [report for report in reports if not report.passed and report.verifier in selecting]
    if failed:
        reasons = "; ".join(f"{report.verifier}: {failure}" for report in failed for failure in report.failures[:3])
        raise TracemillError(
            f"{', '.join(report.verifier for report in failed)} failed the audit and cannot select data ({reasons}); "
            "run `tracemill audit` for the whole report"
        )
