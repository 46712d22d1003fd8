"""How many things there are: so many holders with so many in each, and some loose ones."""

from __future__ import annotations

from typing import ClassVar

from tracemill.records import Check, Claim, Problem, canonical_json, premise
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import Recheck, Teller, entailment
from tracemill.tasks.kit.words import Voice, words_beside
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request


class Skeleton(NarratedTask):
    """`instance`: the theme and the three numbers of the story. Larger numbers make a problem harder."""

    name: ClassVar[str] = "area.field.name"
    version: ClassVar[str] = "1"
    summary: ClassVar[str] = "things in holders and loose ones: how many there are in all"
    words = words_beside(__file__)

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.cli.skeleton.oracle import SkeletonOracle

        return SkeletonOracle

    def make(self, request: Request) -> Draft:
        rng, most = request.rng, 9 + round(90 * request.difficulty)
        count, each, loose = (rng.randint(2, most) for _ in range(3))
        numbers = {"count": count, "each": each, "loose": loose}
        story = Voice(self.words.theme(request.theme), rng)
        form = Voice(self.words.phrases, rng)
        return Draft(
            prompt=f"{story('stories', **numbers)} {form('form')}",
            answer=str(count * each + loose),
            check=Check("numeric", {"tolerance": "0"}),
            premises=(
                Claim("symbols", {"held": "Int", "total": "Int"}),
                entailment(f"(= held (* {count} {each}))"),
                entailment(f"(= total (+ held {loose}))"),
            ),
            group=canonical_json(numbers),
            instance={"theme": request.theme, **numbers},
        )

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance = problem.metadata["instance"]
        theme = self.words.themes[instance["theme"]]
        words = {"holders": theme["holders"], "things": theme["things"]}
        count, each, loose = instance["count"], instance["each"], instance["loose"]
        right = count * each
        held = teller.site(
            "one_too_few",
            right,
            [right - each, right + each],
            lambda wrong: f"{count} × {each} is {right}, not {wrong}.",
            lambda: Recheck(
                "the product", f"{count} × {each} is {right}", entailment(f"(= (* {count} {each}) {right})")
            ),
        )
        full = teller.say(
            "held", entailment(f"(= held {held})"), [premise(1)], count=count, each=each, held=held, **words
        )
        total = held + loose
        teller.say(
            "total", entailment(f"(= total {total})"), [full, premise(2)], held=held, loose=loose, total=total, **words
        )
        teller.close("closing", str(total))
