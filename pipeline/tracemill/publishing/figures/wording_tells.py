"""How well the wording of steps says which are wrong, and what else betrays a wrong solution: measured by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracemill.publishing.as_text import NOT_MEASURED, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent, lines

_WORDS = 3
"""Of a mistake, on the card."""


def measure(build: BuildReading) -> dict[str, Any]:
    """`limit` (null where the config turns the measure off), and `tasks` with what `_of_task` gives of each."""
    leaks = build.leakage["leaks"]
    tasks = sorted({leak["task"] for leak in leaks})
    by_task = {task: _of_task([leak for leak in leaks if leak["task"] == task]) for task in tasks}
    return {"leakage": {"limit": build.leakage["limit"], "tasks": by_task}}


def _of_task(leaks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many `pairs` there are; by part of a solution (`step`, `length`, `closing`) how well it is told from that of
    a right one; and the `mistakes`, those whose wrong steps are told most surely first."""
    whole = {leak["part"]: leak for leak in leaks if not leak["mistake"]}
    mistakes = sorted((leak for leak in leaks if leak["mistake"]), key=lambda leak: (-leak["low"], leak["mistake"]))
    return {
        "pairs": whole["step"]["pairs"],
        **{part: _area(leak) for part, leak in whole.items()},
        "mistakes": [
            {
                "mistake": leak["mistake"],
                "pairs": leak["pairs"],
                **_area(leak),
                "words": [tell["words"] for tell in leak["tells"][:_WORDS]],
            }
            for leak in mistakes
        ],
    }


def _area(leak: Mapping[str, Any]) -> dict[str, float]:
    return {name: round(leak[name], 2) for name in ("auc", "low", "high")}


def card(manifest: ManifestContent) -> str:
    limit, tasks = manifest["leakage"]["limit"], manifest["leakage"]["tasks"]
    if limit is None:
        return (
            "Not measured: `verify.leakage` is null in this build's config. Its wrong steps may betray themselves by\n"
            "their wording, so that a model could learn phrases in place of reasoning."
        )
    if not tasks:
        return "Not measured: no problem comes from a task, which could make right and wrong solutions to compare."
    parts = ("step", "length", "closing")
    rows = [
        (f"`{name}`", f"{one['pairs']:,}", *(_area_text(one[part]) for part in parts))
        for name, one in sorted(tasks.items())
    ]
    by_task = table(("task", "pairs", "a wrong step", "by length", "by the last paragraph"), rows)
    return (
        "A reader who sees a step alone, numbers and names masked, ranks a wrong one above a right one of the same\n"
        "problem with this chance; one half is guessing. In brackets the interval at ninety-five per cent confidence.\n"
        f"A build that labels steps is refused where wrong steps are told above {limit}. Length and last paragraph\n"
        f"are those of whole solutions, and refuse nothing.\n\n{by_task}\n\n"
        f"By mistake, those told most surely first:\n\n{_by_mistake(tasks)}"
    )


def _by_mistake(tasks: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (f"`{task}`", f"`{one['mistake']}`", f"{one['pairs']:,}", _area_text(one), _spoken(one["words"]))
        for task, found in sorted(tasks.items())
        for one in found["mistakes"]
    ]
    return table(("task", "mistake", "pairs", "a wrong step", "words that tell most"), rows)


def _spoken(words: Sequence[str]) -> str:
    return "; ".join(words).replace("<", "‹").replace(">", "›")


def _area_text(area: Mapping[str, Any]) -> str:
    return f"{area['auc']} ({area['low']} to {area['high']})"


def summary(manifest: ManifestContent) -> str:
    limit, tasks = manifest["leakage"]["limit"], manifest["leakage"]["tasks"]
    if limit is None:
        return f"{NOT_MEASURED}: verify.leakage is null"
    return lines(
        f"{name} AUC {_area_text(one['step'])}, most surely {one['mistakes'][0]['mistake']} "
        f"{_area_text(one['mistakes'][0])}"
        for name, one in sorted(tasks.items())
    )


FIGURE = Figure(measure, ("leakage",), "What betrays a wrong step", card, "wording", summary)
