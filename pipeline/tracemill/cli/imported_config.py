"""The config that `tracemill import` writes: YAML with comments, which `tracemill build` takes as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

import yaml

from tracemill.sources.shapes.recognising import RowShape

_WIDTH = 110
NOT_STATED = "LicenseRef-not-stated"
"""Stands as the licence where nothing says what it is; a user has to correct it before anything is published."""

_SAID = {
    "path": "The rows: a file, a folder or a pattern.",
    "repo": "The dataset on the Hub, and the commit that was looked at.",
    "licence": "The SPDX name of the licence of the texts. It stands on the card and in every row.",
    "domain": "area.field.task.theme. The curriculum takes problems by it.",
    "system": "Stands before every problem: how an answer must be written.",
    "fields": "Which field of a row is what; a.b is field b of the object in field a.",
    "check": "How an answer is judged: numeric, symbolic, exact, choice, structured or plan; code for programs.",
    "answers": "What becomes of rows whose expected answer is none: reject, or keep_unverified (kept as one that\n"
    "nobody knows). `tracemill import` says how many there are among the first rows.",
    "marks": "A calculation in the solutions, such as <<3*4=12>>, is taken out of the text and checked.",
    "limit": "Only the first rows. It may be raised later.",
}
_ORDER = (
    "kind",
    "path",
    "repo",
    "config",
    "split",
    "revision",
    "name",
    "licence",
    "domain",
    "system",
    "fields",
    "check",
)


def config_text(name: str, shape: RowShape, source: Mapping[str, Any], address: str) -> str:
    """A config for rows of a shape. `source`: the block of the source, whole."""
    answerless = source["fields"]["answer"] is None
    blocks = [
        *_comment(f"Written by `tracemill import {address}`: rows of the shape {shape.title}. Change it, then run"),
        "#   tracemill validate CONFIG     says all that is wrong, each with its line",
        "#   tracemill preview CONFIG      shows five problems with their solutions, as they are checked",
        f"#   tracemill build CONFIG        makes builds/{name}/dataset",
        "# All keys: docs/config.md.",
        *(line for note in shape.notes for line in _comment(f"- {note}")),
        f"name: {name}",
        "",
        "# Of everything that is drawn: the same seed gives the same bytes.",
        "seed: 1",
        "",
        "# local: this process. ray: all CPUs, or a cluster.",
        "executor: {kind: local}",
        "",
        "sources:",
        *_source(source),
        "",
        "# replay: plays the solutions that stand in the rows, all of them.",
        "teacher: {kind: replay}",
        "strategy: {kind: single, samples: 1000}",
        "",
        "# What must verify a solution before `sft` takes it; `also` judges it too. Labels that came along are",
        "# compared with these verdicts, and never used as them.",
        f"verify: {_flow({**shape.verify, 'leakage': None})}",
        "",
        "# The share of problems that is held out for evaluation, for ever.",
        "split: {bench: 0.0}",
        "",
        "# Benchmarks whose items must not be in the dataset: {path: test.jsonl, format: jsonl, field: question}.",
        f"select: {_flow(_select(shape))}",
        "",
        "curriculum: imported",
        "",
        "# sft: messages to train on. rlvr: prompts with what their reward needs. tools: conversations with tools.",
        f"views: {_flow(list(_views(source)))}",
        *(["", "# Without expected answers no row may be verified.", "allow_empty: true"] if answerless else []),
    ]
    return "\n".join(blocks) + "\n"


def _views(source: Mapping[str, Any]) -> Iterator[str]:
    yield "sft"
    if source["fields"]["answer"] is not None:
        yield "rlvr"
    if source["fields"].get("tools"):
        yield "tools"


def _select(shape: RowShape) -> dict[str, Any]:
    found: dict[str, Any] = {"decontaminate": {"benchmarks": []}}
    if shape.same_question == "keep":
        found["dedup"] = {"same_question": "keep"}
    return found


def _source(source: Mapping[str, Any]) -> Iterator[str]:
    keys = [*(key for key in _ORDER if key in source), *(key for key in source if key not in _ORDER)]
    for place, key in enumerate(keys):
        for line in _SAID.get(key, "").splitlines():
            yield f"    # {line}"
        lines = _dumped({key: source[key]})
        yield from (f"  {'- ' if not place and not number else '  '}{line}" for number, line in enumerate(lines))


def _dumped(data: Any) -> Sequence[str]:
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text.rstrip("\n").splitlines()


def _flow(data: Any) -> str:
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=True)
    return text.strip()


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(" ".join(text.split()), _WIDTH)]
