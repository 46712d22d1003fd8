"""A policy improved against scorers that can be gamed, and against ours.

    python -m benchmarks.gaming                       # prints tables, writes docs/gaming.svg
    python -m benchmarks.gaming --seeds 1 --updates 60 --picture ""

First a scripted policy tries every way to reply on every problem (`policy.tried`); then, for each scorer, a policy
learns (`policy.improved`), and its reward is set against its accuracy by an independent oracle. CPU only, no model.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.gaming import answers, programs
from benchmarks.gaming.picture import Curve, picture
from benchmarks.gaming.policy import Point, Scorer, Way, improved, tried

UPDATES, SEEDS, PROBLEMS = 250, 3, 120
LAST = 20
"""Batches over which the end of a course is averaged."""
TITLES = {"answers": "Answers", "programs": "Programs"}


def measured(
    ways: Sequence[Way[Any]], problems: Sequence[Any], scorers: Mapping[str, Scorer[Any]], updates: int, seeds: int
) -> dict[str, Any]:
    """By scorer: what the scripted policy finds, the mean course of the learned one, and where that ends."""
    found = {}
    for name, score in scorers.items():
        began = time.perf_counter()
        courses = [improved(ways, problems, score, updates, seed) for seed in range(seeds)]
        course = [_mean(points) for points in zip(*courses, strict=True)]
        found[name] = {
            "tried": tried(ways, problems, score, seed=0),
            "course": course,
            "first": _mean(course[:LAST]),
            "last": _mean(course[-LAST:]),
            "samples": sum(one[-1].samples for one in courses),
            "seconds": time.perf_counter() - began,
        }
    return found


def _mean(points: Sequence[Point]) -> Point:
    return Point(
        samples=points[-1].samples,
        reward=statistics.fmean(one.reward for one in points),
        accuracy=statistics.fmean(one.accuracy for one in points),
        tricks=statistics.fmean(one.tricks for one in points),
        not_judged=statistics.fmean(one.not_judged for one in points),
    )


def tables(title: str, found: Mapping[str, Any]) -> str:
    lines = [
        f"## {title}",
        "",
        "| scorer | reward, first | last | accuracy, first | last | tricks, last | samples | s |",
    ]
    lines.append("| --- " * 8 + "|")
    for name, one in found.items():
        first, last = one["first"], one["last"]
        lines.append(
            f"| {name} | {first.reward:.2f} | {last.reward:.2f} | {first.accuracy:.2f} | {last.accuracy:.2f} | "
            f"{last.tricks:.0%} | {one['samples']:,} | {one['seconds']:.1f} |"
        )
    lines += ["", "| way | accuracy | " + " | ".join(found) + " |", "| --- " * (2 + len(found)) + "|"]
    for place, way in enumerate(next(iter(found.values()))["tried"]):
        rewards = [_shown(one["tried"][place]) for one in found.values()]
        lines.append(f"| {way.way} | {way.accuracy:.2f} | {' | '.join(rewards)} |")
    return "\n".join(lines)


def _shown(one: Any) -> str:
    said = "–" if one.reward is None else f"{one.reward:.2f}"
    return f"{said} ({one.not_judged:.0%} not judged)" if one.not_judged else said


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--updates", type=int, default=UPDATES)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--picture", default="docs/gaming.svg", help="empty: none")
    parser.add_argument("--json", default="", help="a file for the courses")
    arguments = parser.parse_args()
    problems = answers.word_problems(PROBLEMS, seed=1)
    found = {
        "answers": measured(answers.ways(), problems, answers.SCORERS, arguments.updates, arguments.seeds),
        "programs": measured(programs.ways(), programs.TASKS, programs.SCORERS, arguments.updates, arguments.seeds),
    }
    for part, scorers in found.items():
        print(tables(TITLES[part], scorers), end="\n\n")
    if arguments.picture:
        rows = [[_curve(name, one["course"]) for name, one in scorers.items()] for scorers in found.values()]
        Path(arguments.picture).write_text(picture(rows), encoding="utf-8")
    if arguments.json:
        courses = {
            part: {name: [[p.samples, p.reward, p.accuracy] for p in one["course"]] for name, one in scorers.items()}
            for part, scorers in found.items()
        }
        Path(arguments.json).write_text(json.dumps(courses), encoding="utf-8")


def _curve(name: str, course: Sequence[Point]) -> Curve:
    return Curve(name, [(one.samples, one.reward, one.accuracy) for one in course])


if __name__ == "__main__":
    main()
