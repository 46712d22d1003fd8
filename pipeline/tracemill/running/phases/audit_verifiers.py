"""Phase 5: the verifiers themselves are judged, and what betrays wrong steps. What fails selects no data.

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
from tracemill.tasks.task import task_versions
from tracemill.verifiers.audit import AuditReport
from tracemill.verifiers.audit_pieces import AuditOrder, done_in_turn
from tracemill.verifiers.kept_leaks import keep_leaks, kept_leaks
from tracemill.verifiers.leakage import METHOD, SEED, Leak, leak_from, leakage_pieces, leaks_of, problems_measured
from tracemill.verifiers.shown_parts import SHOWN

REPORT = "audit/report.json"
LEAKAGE = "audit/leakage.json"


class AuditVerifiers:
    name = "audit"
    guarded = False

    def key(self, build: Build) -> dict[str, Any]:
        known = build.latest.keys.get(self.name, {}) if build.latest else {}
        kinds = sorted({*claim_kinds_of(build), *known.get("kinds", ())})
        tasks = audited_tasks(build)
        measured = {name: count for name in tasks if (count := problems_measured(name))}
        return {
            "kinds": kinds,
            "judges": judges(build.config, kinds),
            "selecting": selecting(build.config),
            "domains": {name: task_versions(load("task", name)()) for name in tasks},
            "cases": build.config.verify.audit,
            "leakage": build.config.verify.leakage and {"method": METHOD, "problems": measured},
            "seed": build.config.seed,
        }

    def work(self, work: Work, key: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        build = work.build
        tasks = tuple(sorted(key["domains"]))
        order = AuditOrder(verifiers_of(build.config), tasks, key["cases"], key["seed"], claim_kinds_of(build))
        problems = key["leakage"]["problems"] if key["leakage"] else {}
        kept = kept_leaks(problems, SEED)
        missing = {task: count for task, count in problems.items() if task not in kept}
        pieces, wording = order.pieces(), leakage_pieces(missing, SEED)
        work.watch.phase(self.name, len(pieces) + len(wording), "pieces")
        found = done_in_turn([*pieces, *wording], work.executor.map, work.watch.step)
        reports = order.reports(found[: len(pieces)], work.executor.map)
        measured = leaks_of(wording, found[len(pieces) :], work.executor.map)
        for task, count in missing.items():
            kept[task] = [leak for leak in measured if leak.task == task]
            keep_leaks(task, count, SEED, kept[task])
        leaks = [leak for task in problems for leak in kept[task]]
        refuse_failed(reports, key["selecting"])
        entries = [
            work.run.put(REPORT, _json([asdict(report) for report in reports])),
            work.run.put(LEAKAGE, _json([asdict(leak) for leak in leaks])),
        ]
        kinds = sorted({*claim_kinds_of(build), *(kind for report in reports for kind in report.kinds)})
        audited = {"kinds": kinds, "judges": judges(build.config, kinds)}
        work.run.write_parts(self.name, key | audited, {}, files=entries)


def _json(content: Any) -> bytes:
    return json.dumps(content, indent=1, sort_keys=True).encode()


def audited_tasks(build: Build) -> list[str]:
    """The installed tasks among the parts of the sources."""
    parts = {name for source in build.sources for name in source.parts()}
    return sorted(parts & set(installed("task")))


def selecting(config: BuildConfig) -> list[str]:
    """The verifiers whose word selects data: those that are required, and those that a view's policy reads."""
    read = {verifier for view in config.view_names for verifier in load("view", view).reads}
    return [name for name in config.verify.names if name in read or name in config.verify.required]


def labelled(config: BuildConfig) -> list[str]:
    """The views whose rows say which steps are right and wrong."""
    return [view for view in config.view_names if "steps" in load("view", view).needs]


def refuse_failed(reports: Sequence[AuditReport], selecting: Sequence[str]) -> None:
    """Raises:
    TracemillError: a verifier that selects data failed its audit.
    """
    failed = [report for report in reports if not report.passed and report.verifier in selecting]
    if failed:
        why = {report.verifier: (*report.nothing_to_miss, *report.failures[:3]) for report in failed}
        reasons = "; ".join(f"{verifier}: {one}" for verifier, found in why.items() for one in found)
        raise TracemillError(
            f"{', '.join(report.verifier for report in failed)} failed the audit and cannot select data ({reasons}); "
            "run `tracemill audit` for the whole report"
        )


def wording(build: Build) -> dict[str, Any]:
    """What `refuse_telling` looks at, to be part of a phase's key."""
    files = build.latest.files.get(AuditVerifiers.name, ()) if build.latest else ()
    return {"limit": build.config.verify.leakage, "measured": [f.sha256 for f in files if f.path == LEAKAGE]}


def refuse_telling(build: Build) -> None:
    """Raises:
    TracemillError: something beside the mistake says which steps or solutions of a task are wrong, and a view
        labels steps.
    """
    limit, views = build.config.verify.leakage, ", ".join(labelled(build.config))
    leaks = [leak_from(found) for found in json.loads(build.store.files.read(LEAKAGE))]
    above = sorted((leak for leak in leaks if limit and leak.above(limit)), key=lambda leak: -leak.low)
    # Of each mistake the part that tells most surely: one phrase shows in a step, in all up to it and in the whole.
    telling = list({(leak.task, leak.mistake): leak for leak in reversed(above)}.values())[::-1]
    if telling and views:
        raise TracemillError(
            f"wrong steps betray themselves by more than the mistake, and the view {views} labels steps: "
            + "; ".join(_betrayal(leak) for leak in telling)
            + f". The limit is verify.leakage={limit:g}. Say right and wrong solutions in the same phrases and at the "
            "same length (`tracemill audit --leakage` shows what tells them apart), take the task out of `sources` or "
            f"{views} out of `views`, or set verify.leakage=null, which the card then says"
        )


def _betrayal(leak: Leak) -> str:
    mistake = f", mistake {leak.mistake}" if leak.mistake else ""
    words = ", ".join(repr(tell.words) for tell in leak.tells[:3])
    measured = f"AUC {leak.auc:.2f} ({leak.low:.2f} to {leak.high:.2f}; {leak.pairs} pairs)"
    return f"{leak.task}{mistake}, {SHOWN[leak.part]}: {measured} by {words}"
