"""`logic.metamath.proof`: derive a theorem from the rules that the problem shows."""

from __future__ import annotations

from random import Random
from typing import ClassVar

from tracemill.records import Check, Claim, Payload, Problem
from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.metamath.posing import Posed, Theorem, posed
from tracemill.tasks.metamath.task import MetamathTask, words_of
from tracemill.tasks.metamath.telling import ProofTelling, line_text
from tracemill.tasks.metamath.theorems import Entry
from tracemill.tasks.task import Draft

_BACKWARD = 0.5


class MetamathProof(MetamathTask):
    """Prove it."""

    name: ClassVar[str] = "logic.metamath.proof"
    summary: ClassVar[str] = "a theorem of a Metamath database, derived step by step from the rules shown"
    words: ClassVar[Words] = words_of("proof")

    def ask(self, entry: Entry, theorem: Theorem, premises: tuple[Claim, ...], instance: Payload, rng: Random) -> Draft:
        found, voice = posed(premises, instance), Voice(self.words.phrases, rng)
        goal = found.moves[-1].formula
        paragraphs = self.shown(theorem, found, voice, [goal])
        asked = voice("ask_given" if found.hypotheses else "ask", goal=found.write(goal))
        form = voice("form", example="3. " + "(φ → χ) by rule from h1, 2")
        check = Check(
            "metamath_proof",
            {"premises": [one.payload for one in premises], "symbols": instance["symbols"], "goal": found.text(goal)},
        )
        return self.draft(entry, "\n\n".join([*paragraphs, asked, form]), proof_text(found), check, premises, instance)

    def tell(self, problem: Problem, teller: Teller) -> None:
        found = posed(problem.premises, problem.metadata["instance"])
        telling = ProofTelling(found, teller)
        # By the problem and the detail: a mistake that is more often possible one way would be known by it.
        if Random(f"{problem.id}/{teller.detail}").random() < _BACKWARD:
            telling.backward()
        else:
            telling.forward()
        answer = telling.listing()
        teller.close("closing", answer, shown=f"Answer:\n{answer}")


def proof_text(found: Posed) -> str:
    """The proof as an answer states it."""
    lines = []
    for number, move in enumerate(found.moves, start=1):
        given = [one if isinstance(one, str) else str(one + 1) for one in move.premises]
        lines.append(line_text(number, found.write(move.formula), move.rule, given))
    return "\n".join(lines)
