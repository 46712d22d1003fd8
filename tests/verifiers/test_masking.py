from __future__ import annotations

import pytest
from planted import problem
from tracemill.records import Claim
from tracemill.verifiers.masking import masked, names_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Multiply (2) by -3/4: 1,200 in all.", "Multiply (‹number›) by ‹number›: ‹number› in all."),
        ("Sven says that Jarl's word holds.", "‹name› says that ‹name›'s word holds."),
        ("Then I take crate J4 off crate B2.", "Then I take ‹name› off ‹name›."),
        ("Since `len(xs) > 2`, we go in, “as asked”.", "Since ‹code›, we go in, ‹code›."),
        ("A plum costs three crowns, and p = 3.", "A ‹name› costs ‹number› crowns, and ‹name› = ‹number›."),
        ("The stacks: crate J4, crate B2; crate J4. Crate B2 stays.", "The stacks: ‹name›. ‹name› stays."),
    ],
)
def test_what_belongs_to_one_problem_is_masked_and_the_wording_stays(text: str, expected: str) -> None:
    assert masked(text, ("crate B2", "crate J4", "Jarl", "Sven", "plum")) == expected


def test_names_come_from_symbols_prompt_and_instance() -> None:
    posed = problem(
        "On an island, Sven and Hilda meet. Then I ask.",
        {"theme": "island", "stacks": [["crate J4"], ["red book"]], "statements": [["or", 3, "and"]], "price": "27/4"},
        (Claim("symbols", {"cheese": "Real"}), Claim("entailment", {"formula": "(= cheese 2)"})),
    )
    assert set(names_of(posed)) == {"Sven", "Hilda", "crate J4", "red book", "cheese"}


def test_longer_names_are_masked_before_their_parts() -> None:
    assert masked("Now red book A lies there.", ("red book A", "red book")) == "Now ‹name› lies there."
