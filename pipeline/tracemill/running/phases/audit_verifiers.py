"""Phase 5: the verifiers themselves are judged. One that fails cannot select data.

Of the claim checkers, those are audited that the traces or the audit's own cases need, on their cases and canaries.
Which ones these cases need is known when they are made: the committed key says it, and so a change of one of these
makes the phase stale, and an installed checker that nothing needs does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tracemill.running.build_config import BuildConfig
from tracemill.running.phases.phase import Build, Work, claim_kinds_of, judges, verifiers_of
from tracemill.settings.errors import TracemillError
from tracemill.settings.plugins import installed, load
from tracemill.verifiers.audit import AuditReport, audit

REPORT = "audit/report.json"


class Audit:
    name = "audit"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        known = build.latest.keys.get(self.name, {}) if build.latest else {}
        kinds = sorted({*claim_kinds_of(build), *known.get("kinds", ())})
        domains = {name: load("task", name).version for name in audited_domains(build)}
        return {
            "kinds": kinds,
            "judges": judges(build.config, kinds),
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
            reports.append(
                audit(name, sorted(key["domains"]), key["cases"], key["seed"], parameters, claim_kinds_of(build))
            )
            work.watch.step(1)
        refuse_failed(reports, key["selecting"])
        text = json.dumps([asdict(report) for report in reports], indent=1, sort_keys=True)
        entry = work.run.put(REPORT, text.encode())
        kinds = sorted({*claim_kinds_of(build), *(kind for report in reports for kind in report.kinds)})
        audited = {"kinds": kinds, "judges": judges(build.config, kinds)}
        work.run.write_parts(self.name, key | audited, {}, files=[entry])


def audited_domains(build: Build) -> list[str]:
    """The installed domains among the parts of the sources."""
    parts = {name for source in build.sources for name in source.parts()}
    return sorted(parts & set(installed("task")))


def selecting(config: BuildConfig) -> list[str]:
    """The verifiers whose word selects data: those that are required, and those that a view's policy reads."""
    read = {verifier for view in config.views for verifier in load("view", view).reads}
    return [name for name in config.verify.names if name in read or name in config.verify.required]


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
