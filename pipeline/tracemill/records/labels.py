"""What others said of a solution before it came here: labels that are compared with verdicts, and never used as them.

Whoever reads a label asks this module: `right` for the whole solution, `first_wrong` for its steps.
"""

from __future__ import annotations

from dataclasses import dataclass

CORRECT = "correct"
"""The name of a label that its source gives no other name."""
FINISH_REASON = "finish_reason"
"""The name of the label that says in the source's own words why a solution ended."""


@dataclass(frozen=True, slots=True)
class LabelledStep:
    """A step as the label's author cut the solution: characters `start` to `end` of the text, and what they say of it:
    1 right, 0 neither, −1 wrong; None where they did not look at it.

    In a `Reference` the span is in its text; in a `Trace` it is in the text of the last turn.
    """

    start: int
    end: int
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """`value`: as it came, as text (`true`, `0.87`, `stop`). `right`: what it says of the whole solution, or None where
    it says nothing of that. `steps`: what it says of the steps, where it speaks of them.

    Example:
        >>> Label("math_verify", "true", True)
        Label(name='math_verify', value='true', right=True, steps=())
    """

    name: str
    value: str
    right: bool | None = None
    steps: tuple[LabelledStep, ...] = ()


def first_wrong(label: Label) -> int | None:
    """The index in `label.steps` of the first step that is labelled wrong; −1 where every step has a label and none is
    wrong; None where that is not known."""
    ratings = [step.rating for step in label.steps]
    wrong = [index for index, rating in enumerate(ratings) if rating is not None and rating < 0]
    if wrong:
        return wrong[0]
    return None if None in ratings or not ratings else -1


def step_at(label: Label, place: int) -> int | None:
    """The index in `label.steps` of the step that the character `place` is in, or of the first that ends after it: so a
    span of ours is found among theirs, wherever they cut. None behind the last."""
    return next((index for index, step in enumerate(label.steps) if place < step.end), None)


def correct(right: bool) -> Label:
    """The label of a source that says only whether a solution is right."""
    return Label(CORRECT, "true" if right else "false", right)
