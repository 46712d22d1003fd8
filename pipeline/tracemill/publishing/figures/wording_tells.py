"""What betrays a wrong solution beside its mistake, part by part and mistake by mistake: measured by task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracemill.publishing.as_text import NOT_MEASURED, table
from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent, lines
from tracemill.publishing.report.plot import Plot, largest, of_all
from tracemill.verifiers.leakage import ENOUGH
from tracemill.verifiers.shown_parts import PARTS, SHOWN

_WORDS = 3
"""Of a mistake, on the card."""


def measure(build: BuildReading) -> dict[str, Any]:
    """`limit` (null where the config turns the measure off), and `tasks` with what `_of_task` gives of each."""
    leaks = build.leakage["leaks"]
    tasks = sorted({leak["task"] for leak in leaks})
    by_task = {task: _of_task([leak for leak in leaks if leak["task"] == task]) for task in tasks}
    return {"leakage": {"limit": build.leakage["limit"], "tasks": by_task}}


def _of_task(leaks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many `pairs` there are; by part of a solution (`step`, `uses`, … see `shown_parts`) how well it is told from
    that of a right one; and the `mistakes`, each with the part that tells most of it, the surest first."""
    whole = {leak["part"]: leak for leak in leaks if not leak["mistake"]}
    names = sorted({leak["mistake"] for leak in leaks if leak["mistake"]})
    worst = [max((leak for leak in leaks if leak["mistake"] == name), key=lambda leak: leak["low"]) for name in names]
    return {
        "pairs": whole["step"]["pairs"],
        **{part: _area(leak) for part, leak in whole.items()},
        "mistakes": [
            {
                "mistake": leak["mistake"],
                "pairs": leak["pairs"],
                "part": leak["part"],
                **_area(leak),
                "words": [tell["words"] for tell in leak["tells"][:_WORDS]],
            }
            for leak in sorted(worst, key=lambda leak: (-leak["low"], leak["mistake"]))
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
    shown = [part for part in PARTS if any(part in one for one in tasks.values())]
    rows = [
        (f"`{name}`", f"{one['pairs']:,}", *(_area_text(one[part]) for part in shown))
        for name, one in sorted(tasks.items())
    ]
    by_task = table(("task", "pairs", *(SHOWN[part] for part in shown)), rows)
    return (
        "Measured on right and wrong solutions that each task makes for this, of its whole range of difficulty;\n"
        "not on the rows of this build.\n\n"
        "A reader without reasoning (a linear model; numbers and names masked) who sees this part of a solution ranks\n"
        "a wrong one above a right one of the same problem with this chance; one half is guessing. In brackets the\n"
        "interval at ninety-five per cent confidence. Of a right solution that step is shown which has the type and\n"
        "place of the wrong one; lengths are those beside the other solution. A build that labels steps is refused\n"
        f"where, for a task or one mistake with twenty pairs or more, the whole interval lies above {limit}.\n\n"
        f"{by_task}\n\n"
        "By mistake with twenty pairs or more, the one part of the above that tells most of it, the surest first:\n\n"
        f"{_by_mistake(tasks)}"
    )


def _by_mistake(tasks: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (
            f"`{task}`",
            f"`{one['mistake']}`",
            f"{one['pairs']:,}",
            SHOWN[one["part"]],
            _area_text(one),
            _spoken(one["words"]),
        )
        for task, found in sorted(tasks.items())
        for one in _decided(found)
    ]
    shown = table(("task", "mistake", "pairs", "what tells most", "how well", "by what"), rows) if rows else "None has."
    few = [
        f"`{task}` " + ", ".join(f"{one['mistake']} {one['pairs']:,}" for one in undecided)
        for task, found in sorted(tasks.items())
        if (undecided := [one for one in found["mistakes"] if one["pairs"] < ENOUGH])
    ]
    return shown + (f"\n\nPairs of those with fewer, of which nothing can be said: {'; '.join(few)}." if few else "")


def _decided(found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [one for one in found["mistakes"] if one["pairs"] >= ENOUGH]


def _spoken(words: Sequence[str]) -> str:
    return "; ".join(words).replace("<", "‹").replace(">", "›")


def _area_text(area: Mapping[str, Any]) -> str:
    return f"{area['auc']} ({area['low']} to {area['high']})"


def summary(manifest: ManifestContent) -> str:
    limit, tasks = manifest["leakage"]["limit"], manifest["leakage"]["tasks"]
    if limit is None:
        return f"{NOT_MEASURED}: verify.leakage is null"
    said = [_in_a_line(name, one) for name, one in sorted(tasks.items())]
    return lines([*said, f"(0.5 is guessing; surely above {limit} refuses a build that labels steps)"] if said else [])


def _in_a_line(task: str, found: Mapping[str, Any]) -> str:
    part = max((part for part in PARTS if part in found), key=lambda part: float(found[part]["low"]))
    surest = [f"; of mistakes {one['mistake']} {_area_text(one)}" for one in _decided(found)[:1]]
    return (
        f"{task} AUC {_area_text(found['step'])} by a step, most by {SHOWN[part]} {_area_text(found[part])}"
        + "".join(surest)
    )


def plots(manifest: ManifestContent) -> Iterator[Plot]:
    tasks = manifest["leakage"]["tasks"]
    if shown := largest({name: one["step"]["auc"] for name, one in tasks.items()}):
        title = of_all("how well a wrong step is told by its words (0.5 is guessing)", len(shown), len(tasks))
        bounds = [(tasks[name]["step"]["low"], tasks[name]["step"]["high"]) for name in shown]
        yield Plot(title, "bars", [*shown], {"": [*shown.values()]}, bounds)


FIGURE = Figure(
    measure, ("leakage",), "What betrays a wrong step", card, "wording", summary, after="audit", plots=plots
)
