"""What is printed when a build is finished: where it lies, what is in it, what was rejected, how good checkers are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from tracemill.cli.ledger import ledger
from tracemill.records import OUTCOMES, Problem, Trace, Verdict
from tracemill.records.codec import decode
from tracemill.store.store import Store
from tracemill.verifiers.counting import Judges

_LOOKED_AT = 200
_READABLE = 150


def summary(out: str, manifest: Mapping[str, Any]) -> str:
    """The manifest's figures as plain text."""
    folder = out.rstrip("/") + "/dataset"
    lines = [
        f"dataset    {folder}" + "".join(f"  ({call})" for call in _loading(folder, manifest)),
        "rows       " + "\n           ".join(_rows(manifest)),
        "verdicts   " + "\n           ".join(_outcomes(manifest["verifiers"])),
        "rejected   " + ("\n           ".join(_rejected(manifest)) or "nothing"),
        "audit      " + "\n           ".join(_audits(manifest["verifiers"])),
        *(f"alarm      {alarm}" for alarm in manifest["variety"]["alarms"]),
    ]
    return "\n".join(lines)


def _loading(folder: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    """How the first view that has rows is loaded; nothing where none has."""
    views = (view for view in _in_order(manifest) if any(one["rows"] for one in manifest["views"][view].values()))
    for view in islice(views, 1):
        yield f"load_dataset({folder!r}, {view!r}, split='train')"


def _rows(manifest: Mapping[str, Any]) -> Iterator[str]:
    for view in _in_order(manifest):
        rows = {stage: manifest["views"][view][stage]["rows"] for stage in manifest["stages"]}
        counted = ", ".join(f"{stage} {count}" for stage, count in rows.items())
        yield f"{view:<8} {sum(rows.values()):>7,}  ({counted})"


def _in_order(manifest: Mapping[str, Any]) -> Sequence[str]:
    """The views as the config names them: a stored manifest has its keys sorted."""
    views: Sequence[str] = manifest["config"]["views"]
    return views


def _outcomes(verifiers: Mapping[str, Any]) -> Iterator[str]:
    for name, one in verifiers.items():
        yield f"{name:<8} " + ", ".join(f"{one['outcomes'][outcome]} {outcome}" for outcome in OUTCOMES)


def _rejected(manifest: Mapping[str, Any]) -> Iterator[str]:
    groups = {"lines": manifest["lines"], "problems": manifest["screening"], "unasked": manifest["unasked"]}
    for where, reasons in {**groups, **manifest["selection"]}.items():
        if reasons:
            yield f"{where:<8} " + ", ".join(f"{count} {reason}" for reason, count in reasons.items())


def _audits(verifiers: Mapping[str, Any]) -> Iterator[str]:
    for name, one in verifiers.items():
        yield audit_line(name, one["audit"])


def audit_line(name: str, audit: Mapping[str, Any] | None) -> str:
    """One verifier's measured rates of error and of what it left undecided, with their 95% intervals."""
    if audit is None:
        return f"{name:<8} not audited"
    return (
        f"{name:<8} canaries {audit['canaries_passed']}/{audit['canaries_total']}, "
        f"false positives {_rate(audit, 'false_positives', 'twins', 'fp')}, "
        f"false negatives {_rate(audit, 'false_negatives', 'gold', 'fn')}, "
        f"undecided: of right {_rate(audit, 'gold_undecided', 'gold', 'gold_undecided')}, "
        f"of wrong {_rate(audit, 'twins_undecided', 'twins', 'twins_undecided')}"
    )


def _rate(audit: Mapping[str, Any], hits: str, of: str, bounds: str) -> str:
    if not audit[of]:
        return "not measured"
    return f"{audit[hits]}/{audit[of]} (95%: {audit[bounds + '_low']:.1%}–{audit[bounds + '_high']:.1%})"


def traces_like(store: Store, prefix: str) -> Iterator[tuple[Problem, Trace, list[Verdict]]]:
    """The traces whose id begins with `prefix`, each with its problem and verdicts."""
    commit = store.latest()
    if commit is None or not prefix:
        return
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    for batch in store.scan(commit, "traces", None, prefix, end):
        for trace in decode("traces", batch):
            problem = next(_exactly(store, commit, "problems", trace.problem_id))
            yield problem, trace, list(_exactly(store, commit, "verdicts", trace.id))


def judges_in(store: Store) -> Judges | None:
    """The judges whose verdicts count in a build; none before its verdicts are all there."""
    commit = store.latest()
    judges: Judges | None = commit.keys.get("verdicts", {}).get("judges") if commit else None
    return judges


def _exactly(store: Store, commit: Any, table: str, prefix: str) -> Iterator[Any]:
    for batch in store.scan(commit, table, None, prefix, prefix + "~"):
        yield from decode(table, batch)


def sample(store: Store) -> str:
    """The ledger of a trace that is quickly read: among the first that a view took, those of `sft` before others, the
    one closest to 150 tokens."""
    commit = store.latest()
    if commit is None:
        return ""
    taken: dict[bool, set[str]] = {True: set(), False: set()}
    for batch in store.scan(commit, "selection", ("kept", "view", "trace_id")):
        for row in batch.to_pylist():
            if row["kept"] and row["trace_id"]:
                taken[row["view"] == "sft"].add(row["trace_id"])
        if len(taken[True]) >= _LOOKED_AT:
            break
    kept = taken[True] or taken[False]
    if not kept:
        return ""
    lengths: dict[str, int] = {}
    for batch in store.scan(commit, "traces", ("id", "completion_tokens"), min(kept), max(kept) + "~"):
        lengths |= {row["id"]: row["completion_tokens"] or 0 for row in batch.to_pylist() if row["id"] in kept}
    chosen = min(lengths, key=lambda trace: (abs(lengths[trace] - _READABLE), trace))
    return ledger(*next(traces_like(store, chosen)), judges_in(store))
