"""Shapes whose rows nest what a problem is made of: each laid out as one flat row, whose fields a config can name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tracemill.sources.lines import BadLineError

NestedRow = Mapping[str, Any]


def flat_row(shape: str, row: NestedRow) -> dict[str, Any]:
    """
    Raises:
        BadLineError: the row is not of that shape.
    """
    try:
        return _SHAPES[shape][0](row)
    except (KeyError, TypeError, IndexError, AttributeError) as exc:
        raise BadLineError("not of that shape", f"{shape}: {type(exc).__name__}: {exc}"[:200]) from exc


def columns_of_shape(shape: str) -> tuple[str, ...]:
    """The columns that a shape's rows are read from."""
    return _SHAPES[shape][1]


def _prm800k(row: NestedRow) -> dict[str, Any]:
    """`steps` of the one solution that was labelled, with its `ratings` (1, 0, −1; null where nobody looked).

    Of a step with several completions the chosen one stands; where none was chosen, which ends the labelling, the
    person's own, or the first. Steps of the solution that come after the labelled ones follow without a rating.
    """
    question, label = row["question"], row["label"]
    steps: list[str] = []
    ratings: list[int | None] = []
    for step in label["steps"]:
        chosen, own = step.get("chosen_completion"), step.get("human_completion")
        completions = step.get("completions") or []
        if chosen is None and own:
            steps.append(own if isinstance(own, str) else own["text"])
            ratings.append(None if isinstance(own, str) else own.get("rating"))
        elif completions:
            completion = completions[chosen or 0]
            steps.append(completion["text"])
            ratings.append(completion.get("rating"))
    whole = question.get("pre_generated_steps") or []
    if whole[: len(steps)] == steps:
        steps = list(whole)
    ratings += [None] * (len(steps) - len(ratings))
    return {
        **{key: value for key, value in row.items() if key not in ("question", "label")},
        "problem": question["problem"],
        "answer": question["ground_truth_answer"],
        "steps": steps,
        "ratings": ratings,
        "found": label.get("finish_reason"),
    }


def _nemo_gym(row: NestedRow) -> dict[str, Any]:
    """`prompt` and `completion` as messages of the older shape, made of the items of a response."""
    asked, response = row["responses_create_params"], row["response"]
    given = asked["input"]
    said = [{"role": "user", "content": given}] if isinstance(given, str) else _messages(given)
    if instructions := asked.get("instructions"):
        said.insert(0, {"role": "system", "content": instructions})
    answers = (row.get(key) for key in ("expected_answer", "answer", "ground_truth"))
    nested = (row.get(key) for key in ("verifier_metadata", "metadata"))
    within = (one.get("expected_answer", one.get("answer")) for one in nested if isinstance(one, Mapping))
    reason = (response.get("incomplete_details") or {}).get("reason")
    return {
        **row,
        "prompt": said,
        "completion": _messages(response["output"]),
        "answer": next((one for one in (*answers, *within) if one is not None), None),
        "tools": asked.get("tools") or [],
        "model": response.get("model") or asked.get("model"),
        "finish_reason": reason or ("stop" if response.get("status") == "completed" else None),
    }


def _messages(items: Any) -> list[dict[str, Any]]:
    """Items of a response: reasoning, messages, calls of tools and what these gave back."""
    messages: list[dict[str, Any]] = []
    thought = ""
    for item in items:
        kind = item.get("type") or "message"
        if kind == "reasoning":
            parts = item.get("content") or item.get("summary") or []
            thought = "\n\n".join(filter(None, (thought, *(part["text"] for part in parts))))
        elif kind == "function_call":
            call = {"id": item.get("call_id") or item.get("id"), "function": item}
            messages.append({"role": "assistant", "content": "", "reasoning_content": thought, "tool_calls": [call]})
            thought = ""
        elif kind == "function_call_output":
            output = item["output"]
            text = output if isinstance(output, str) else "".join(part.get("text") or "" for part in output)
            messages.append({"role": "tool", "content": text, "tool_call_id": item.get("call_id")})
        elif kind == "message":
            messages.append({"role": item["role"], "content": item["content"], "reasoning_content": thought})
            thought = ""
        else:
            raise BadLineError("not of that shape", f"nemo_gym: an item of type {kind!r}"[:200])
    if thought:
        messages.append({"role": "assistant", "content": "", "reasoning_content": thought})
    return messages


_SHAPES: dict[str, tuple[Callable[[NestedRow], dict[str, Any]], tuple[str, ...]]] = {
    "prm800k": (_prm800k, ("question", "label")),
    "nemo_gym": (
        _nemo_gym,
        (
            *("responses_create_params", "response", "reward", "expected_answer", "answer", "ground_truth"),
            *("verifier_metadata", "metadata"),
        ),
    ),
}
"""By name: what lays a row out, and the columns that it reads."""
