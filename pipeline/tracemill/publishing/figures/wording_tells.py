"""How well the wording of steps says which are wrong, and what else betrays a wrong solution: measured by task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracemill.publishing.as_text import NOT_MEASURED, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent, lines


def measure(build: BuildReading) -> dict[str, Any]:
    """`limit` (null where the config turns the measure off), and `tasks` with what `_of_task` gives of each."""
    leaks = build.leakage["leaks"]
    tasks = sorted({leak["task"] for leak in leaks})
    by_task = {task: _of_task([leak for leak in leaks if leak["task"] == task]) for task in tasks}
    return {"leakage": {"limit": build.leakage["limit"], "tasks": by_task}}


def _of_task(leaks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """By part of a solution (`step`, `length`, `closing`) how well it is told from that of a right solution; by
    mistake the same of its wrong steps; and the `worst` of these, which is told most surely, with the words."""
    mistakes = {leak["mistake"]: leak for leak in leaks if leak["mistake"]}
    worst = max(mistakes, key=lambda name: (mistakes[name]["low"], name))
    return {
        **{leak["part"]: _area(leak) for leak in leaks if not leak["mistake"]},
        "mistakes": {name: _area(leak) for name, leak in sorted(mistakes.items())},
        "worst": {"mistake": worst, "words": [tell["words"] for tell in mistakes[worst]["tells"]]},
    }


def _area(leak: Mapping[str, Any]) -> dict[str, Any]:
    return {"pairs": leak["pairs"], **{name: round(leak[name], 2) for name in ("auc", "low", "high")}}


def card(manifest: ManifestContent) -> str:
    limit, tasks = manifest["leakage"]["limit"], manifest["leakage"]["tasks"]
    if limit is None:
        return (
            "Not measured: `verify.leakage` is null in this build's config. Its wrong steps may betray themselves by\n"
            "their wording, so that a model could learn phrases in place of reasoning."
        )
    if not tasks:
        return "Not measured: no problem comes from a task, which could make right and wrong solutions to compare."
    heads = ("task", "pairs", "a wrong step", "of the mistake most surely told", "by length", "by the last paragraph")
    rows = [(f"`{name}`", f"{one['step']['pairs']:,}", *_cells(one)) for name, one in sorted(tasks.items())]
    return (
        "A reader who sees a step alone, numbers and names masked, ranks a wrong one above a right one of the same\n"
        "problem with this chance; one half is guessing. In brackets the interval at ninety-five per cent confidence.\n"
        f"A build that labels steps is refused where wrong steps are told above {limit}. Length and last paragraph\n"
        "are those of whole solutions, and refuse nothing.\n\n" + table(heads, rows)
    )


def _cells(one: Mapping[str, Any]) -> Iterator[str]:
    worst = one["worst"]["mistake"]
    yield _area_text(one["step"])
    yield f"`{worst}` {_area_text(one['mistakes'][worst])}"
    yield _area_text(one["length"])
    yield _area_text(one["closing"])


def _area_text(area: Mapping[str, Any]) -> str:
    return f"{area['auc']} ({area['low']} to {area['high']})"


def summary(manifest: ManifestContent) -> str:
    limit, tasks = manifest["leakage"]["limit"], manifest["leakage"]["tasks"]
    if limit is None:
        return f"{NOT_MEASURED}: verify.leakage is null"
    return lines(f"{name:<32} AUC {_area_text(one['step'])} of a step's wording" for name, one in sorted(tasks.items()))


FIGURE = Figure(measure, ("leakage",), "What betrays a wrong step", card, "wording", summary)
