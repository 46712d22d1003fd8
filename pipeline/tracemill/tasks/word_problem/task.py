"""Word problems of one to four steps of arithmetic, as small models meet them: tulips in rows, a quarter of them eaten.

What makes a problem harder: more steps, larger numbers, fractions and percentages, sentences that have nothing to do
with the question. The easiest are one product or one sum of small numbers.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tracemill.records import Check, Problem, canonical_json
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.kit.words import words_beside
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request
from tracemill.tasks.word_problem.drawing import moves_at
from tracemill.tasks.word_problem.moves import Move, premises_of, stated_in, values_of
from tracemill.tasks.word_problem.story import FORMS, Story, asides_at, cast
from tracemill.tasks.word_problem.telling import Telling


class WordProblem(NarratedTask):
    """See the module. `instance`: the moves, the names and things, the numbers of the asides, how the answer is asked
    for (`box`, `label` or nothing)."""

    name: ClassVar[str] = "math.arithmetic.word_problem"
    version: ClassVar[str] = "1"
    summary: ClassVar[str] = "short word problems of one to four steps of arithmetic, with whole numbers"
    words = words_beside(__file__)
    tellings: ClassVar[int] = 12  # a step that is forgotten shortens a short solution by much

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.word_problem.oracle import WordProblemOracle

        return WordProblemOracle

    def make(self, request: Request) -> Draft:
        rng, level = request.rng, request.difficulty
        theme = self.words.themes[request.theme]
        least, most = map(int, theme["prices"].split("-"))
        moves = moves_at(level, (least, most), rng)
        named = cast(theme, rng)
        asides = asides_at(level, stated_in(moves), rng)
        form = rng.choice(FORMS)
        return Draft(
            prompt=Story(self.words, request.theme, named, level, rng).prompt(moves, asides, form),
            answer=str(values_of(moves)[-1]),
            check=Check("numeric", {"tolerance": "0"}),
            premises=premises_of(moves),
            group=group_of(moves),
            instance={"moves": [_stored(move) for move in moves], "named": named, "asides": asides, "form": form},
        )

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance = problem.metadata["instance"]
        moves = [Move.of(move) for move in instance["moves"]]
        telling = Telling(moves, instance["named"], instance["asides"], teller)
        answer = telling.tell()
        closing = "closing_label" if instance["form"] == "label" else "closing_box"
        teller.close(closing, str(answer), unit=telling.unit)


def group_of(moves: list[Move]) -> str:
    """One text for all stories in which the same happens with the same numbers, whatever it happens to."""
    return canonical_json([_stored(move) for move in moves])


def _stored(move: Move) -> dict[str, Any]:
    return {"kind": move.kind, "numbers": list(move.numbers)}
