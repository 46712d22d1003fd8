"""What is printed when a build is finished: where it lies, what is in it, what was rejected, how good checkers are."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from tracemill.cli.ledger import ledger
from tracemill.cli.output import show, show_json
from tracemill.publishing import all_figures
from tracemill.publishing.card import whole_split
from tracemill.records import Problem, Trace, Verdict
from tracemill.records.codec import decode
from tracemill.store.manifest import foreign, read_manifest
from tracemill.store.store import Store
from tracemill.verifiers.counting import Judges

_LOOKED_AT = 200
_READABLE = 300
"""Tokens of a prompt and its solution together."""
_LABEL = 11
_LINE, _LINES = 2_000, 200
"""Characters and lines of the sample that are shown."""


def summary(out: str, manifest: Mapping[str, Any]) -> str:
    """The figures that are in the manifest as plain text."""
    folder = out.rstrip("/") + "/dataset"
    lines = [f"{'dataset':<{_LABEL}}{folder}" + "".join(f"  ({call})" for call in _loading(folder, manifest))]
    lines.append(f"{'report':<{_LABEL}}{out.rstrip('/')}/report.html")
    for figure in all_figures.FIGURES:
        found = figure.summary(manifest).splitlines()
        lines += [f"{figure.label if not number else '':<{_LABEL}}{line}" for number, line in enumerate(found)]
    return "\n".join(lines)


def print_summary(out: str, arguments: Namespace) -> None:
    """Shows what a finished build is, with a sample unless it is to be quiet; nothing where it is not finished."""
    store = Store(out)
    manifest = read_manifest(store)
    if arguments.json:
        said = {key: value for key, value in (manifest or {}).items() if key != "files"}
        show_json({"out": out, "finished": manifest is not None, "manifest": said})
    elif manifest is not None:
        show(summary(out, manifest))
        print_foreign(store)
        shown = "" if arguments.quiet else sample(store)
        if shown:
            show(f"\nA sample, with its ledger:\n\n{_cut(shown)}")


def _cut(shown: str) -> str:
    """The sample as far as a terminal's user reads it: a prompt may have a megabyte."""
    lines = shown.splitlines()
    cut = [line if len(line) <= _LINE else f"{line[:_LINE]} […]" for line in lines[:_LINES]]
    if len(lines) > _LINES:
        cut.append(f"[… {len(lines) - _LINES:,} lines more; `tracemill inspect` shows them]")
    return "\n".join(cut)


def print_foreign(store: Store) -> None:
    """Names what lies in the dataset's folder and is not of this build; nothing where there is nothing."""
    for path, count in foreign(store, "dataset/").items():
        several = f" ({count:,} files)" if count > 1 else ""
        show(f"{'not ours':<{_LABEL}}{path}{several}, left alone; not on the card")


def _loading(folder: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    """How the first view that has rows is loaded; nothing where none has."""
    views = (view for view in manifest["view_order"] if manifest["view_totals"][view])
    for view in islice(views, 1):
        yield f"load_dataset({folder!r}, {view!r}, split={whole_split(view)!r})"


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
    one whose prompt and solution are closest to `_READABLE` tokens."""
    commit = store.latest()
    if commit is None:
        return ""
    taken: dict[bool, set[str]] = {True: set(), False: set()}
    for batch in store.scan(commit, "selection", ("kept", "view", "trace_ids")):
        for row in batch.to_pylist():
            if row["kept"]:
                taken[row["view"] == "sft"].update(row["trace_ids"])
        if len(taken[True]) >= _LOOKED_AT:
            break
    kept = taken[True] or taken[False]
    if not kept:
        return ""
    lengths: dict[str, int] = {}
    columns = ("id", "prompt_tokens", "completion_tokens")
    for batch in store.scan(commit, "traces", columns, min(kept), max(kept) + "~"):
        found = (row for row in batch.to_pylist() if row["id"] in kept)
        lengths |= {row["id"]: (row["prompt_tokens"] or 0) + (row["completion_tokens"] or 0) for row in found}
    chosen = min(lengths, key=lambda trace: (abs(lengths[trace] - _READABLE), trace))
    return ledger(*next(traces_like(store, chosen)), judges_in(store))
