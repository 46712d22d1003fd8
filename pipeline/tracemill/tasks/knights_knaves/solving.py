"""How a person solves a truth-teller puzzle: from statement to statement, and by assumptions that fail.

Every line claims something about kinds that follows from the statement it speaks of and the lines it names. A seeded
mistake is one wrong step at a point of right reasoning; whatever is said afterwards follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from tracemill.records import Claim, Flaw, premise
from tracemill.tasks.knights_knaves.logic import (
    Event,
    Inference,
    Kinds,
    Literal,
    Rule,
    Statement,
    literal_formula,
    mentioned,
    needed,
    parts,
    refutation,
    rule,
    table,
    universe,
)
from tracemill.tasks.knights_knaves.phrases import Voice
from tracemill.tasks.knights_knaves.words import capital
from tracemill.tasks.task import Line


class Reasoning:
    """One solution while it is being told. `facts` are what has been concluded, `stated` the line that says so."""

    def __init__(self, rules: Sequence[Rule], voice: Voice, rng: Random) -> None:
        self.voice, self.rng, self.names = voice, rng, voice.names
        self.rules = rng.sample(list(rules), len(rules))
        self.brief = rng.random() < 0.5
        self.facts = Kinds(len(self.names), {})
        self.stated: dict[int, int] = {}
        self.lines: list[Line] = []
        self.flaw: Flaw | None = None
        self.summarised = False

    @property
    def done(self) -> bool:
        return len(self.facts.known) == len(self.names)

    def move(self) -> bool:
        """Conclude something from one statement, or else refute an assumption; false if neither is possible."""
        rules = [rule for rule in self.rules if self.facts.mask & rule.allowed]
        return self._conclude(rules) or self._refute(rules)

    def summarise(self) -> None:
        self.summarised = True
        literals = sorted(self.facts.known.items())
        uses = tuple(sorted(set(self.stated.values())))
        self._tell(self.voice.summary(literals), self._formula(literals), uses)

    # Right moves

    def _conclude(self, rules: Sequence[Rule]) -> bool:
        for each in rules:
            literals = self.facts.forced(each)
            if literals:
                known = [person for person in each.scope if person in self.facts.known]
                self._learn(self.facts.infer(each, literals, known), believed=False)
                return True
        return False

    def _learn(self, inference: Inference, believed: bool) -> None:
        """Tell an inference from facts, and make facts of its literals."""
        text = self.voice.inference(inference, self.facts.known, None, believed)
        at = self._tell(text, self._formula(inference.literals), self._uses(inference, {}))
        self._adopt(inference.literals, at)

    def _adopt(self, literals: Sequence[Literal], line: int) -> None:
        self.facts.add(literals)
        self.stated.update((person, line) for person, _ in literals)

    def _refute(self, rules: Sequence[Rule]) -> bool:
        """Refute an assumption, the shorter one of the first two that fail."""
        shortest: tuple[Literal, list[Inference]] | None = None
        for given in self._assumptions():
            events = refutation(self.facts, rules, given)
            if events is None:
                continue
            chain = needed(self.facts, given, events)
            if shortest is not None:
                shortest = min(shortest, (given, chain), key=lambda found: len(found[1]))
                break
            shortest = (given, chain)
        if shortest is None:
            return False
        self._tell_refutation(*shortest)
        return True

    def _assumptions(self) -> list[Literal]:
        literals = [(p, kind) for p in range(len(self.names)) if p not in self.facts.known for kind in (True, False)]
        self.rng.shuffle(literals)
        return literals

    def _tell_refutation(self, given: Literal, chain: Sequence[Inference], flawed: int | None = None) -> None:
        """Tell the way from an assumption to a conflict, and the fact that follows. `flawed`: the chain's wrong step,
        told as the belief in a liar's words where its rule says so."""
        lines = self._tell_case(given, chain[:-1], flawed)
        clash = chain[-1]
        known = self._known_in(given, chain)
        text = self.voice.inference(clash, known, given, believed=False)
        opening = "" if lines else self.voice.supposed(given)
        text = f"{opening}{capital(text)} {self.voice.impossible()}"
        uses = self._uses(clash, lines)
        literal = (given[0], not given[1])
        if not self.brief:
            uses = (self._tell(text, f"(=> {self._formula([given])} false)", uses),)
            text = self.voice.refuted(literal)
        else:
            text = f"{text} {self.voice.refuted(literal)}"
        self._adopt([literal], self._tell(text, self._formula([literal]), uses))

    def _tell_case(self, given: Literal, chain: Sequence[Inference], flawed: int | None) -> dict[int, int]:
        """Tell inferences under an assumption; for each person concluded on, the line."""
        lines: dict[int, int] = {}
        known = self._known_in(given, chain)
        for number, inference in enumerate(chain):
            believed = number == flawed and self._believes(inference)
            text = self.voice.inference(inference, known, given, believed, at_once=number == 0)
            text = self.voice.further(text) if number else self.voice.supposed(given) + capital(text)
            formula = f"(=> {self._formula([given])} {self._formula(inference.literals)})"
            at = self._tell(text, formula, self._uses(inference, lines))
            lines.update((person, at) for person, _ in inference.literals)
        return lines

    def _believes(self, inference: Inference) -> bool:
        """Whether the rule takes the statement as true whoever says it."""
        return inference.rule.allowed == table(inference.rule.statement, len(self.names))

    def _known_in(self, given: Literal, chain: Sequence[Inference]) -> dict[int, bool]:
        known = self.facts.known | {given[0]: given[1]}
        for inference in chain:
            known |= dict(inference.literals)
        return known

    def _tell(self, text: str, formula: str, uses: tuple[int, ...]) -> int:
        self.lines.append(Line(capital(text), Claim("entailment", {"formula": formula}), uses))
        return len(self.lines) - 1

    def _uses(self, inference: Inference, lines: Mapping[int, int]) -> tuple[int, ...]:
        stated = {lines[p] if p in lines else self.stated[p] for p in inference.reasons}
        return (premise(inference.rule.number), *sorted(stated))

    def _formula(self, literals: Sequence[Literal]) -> str:
        parts = [literal_formula(self.names[person], kind) for person, kind in literals]
        return parts[0] if len(parts) == 1 else f"(and {' '.join(parts)})"

    # Mistakes

    def err(self, misconception: str, truth: Sequence[bool], explanation: str) -> bool:
        """Make the mistake here, in a line that is false of `truth`; false if there is no occasion for it."""
        ways = [self._err_in_case] if misconception == "case_dropped" else [self._err_in_facts, self._err_in_case]
        self.rng.shuffle(ways)
        return any(way(misconception, truth, explanation) for way in ways)

    def _err_in_facts(self, misconception: str, truth: Sequence[bool], explanation: str) -> bool:
        for wrong, literals in self._wrong_inferences(misconception, self.facts, truth):
            known = [person for person in wrong.scope if person in self.facts.known]
            inference = self.facts.infer(wrong, literals, known)
            self._mark(len(self.lines), misconception, explanation, wrong)
            self._learn(inference, self._believes(inference))
            return True
        return False

    def _err_in_case(self, misconception: str, truth: Sequence[bool], explanation: str) -> bool:
        if misconception == "case_dropped":
            return self._accept_a_wrong_case(explanation)
        for given in self._assumptions():
            if given[1] == truth[given[0]] and self._refute_the_right_case(given, misconception, truth, explanation):
                return True
        return False

    def _refute_the_right_case(
        self, given: Literal, misconception: str, truth: Sequence[bool], explanation: str
    ) -> bool:
        """Under a true assumption, infer something false that leads to a conflict, and so reject the assumption."""
        kinds = self.facts.assuming(given)
        before: list[Event] = []
        steps = kinds.propagate(self.rules, (given[0],))
        for _ in range(self.rng.randrange(3)):
            event = next(steps, None)
            if event is None:
                break
            before.append(event)
            kinds.add(event.literals)
        for wrong, literals in self._wrong_inferences(misconception, kinds, truth):
            beyond = Kinds(kinds.people, kinds.known)
            beyond.add(literals)
            rules = [each for each in self.rules if each.number != wrong.number]
            after = list(beyond.propagate(rules, [person for person, _ in literals]))
            if not after or after[-1].literals:
                continue
            chain = needed(self.facts, given, [*before, Event(wrong, tuple(literals)), *after])
            flawed = next(number for number, inference in enumerate(chain) if inference.rule is wrong)
            self._mark(len(self.lines) + flawed, misconception, explanation, wrong)
            self._tell_refutation(given, chain, flawed)
            return True
        return False

    def _wrong_inferences(
        self, misconception: str, kinds: Kinds, truth: Sequence[bool]
    ) -> Iterator[tuple[Rule, list[Literal]]]:
        """What a misconception makes of the statements here, where that is false of `truth`."""
        for each in self.rules:
            if each.speaker in kinds.known:
                for wrong in mistaken(misconception, each, kinds.known[each.speaker], kinds.people):
                    literals = kinds.forced(wrong) or []
                    if any(truth[person] != kind for person, kind in literals):
                        yield wrong, literals

    def _accept_a_wrong_case(self, explanation: str) -> bool:
        """Follow a false assumption for a while and accept it, its consequences and all, since no conflict was met."""
        for given in self._assumptions():
            events = refutation(self.facts, self.rules, given)
            if events is None or len(events) < 2:
                continue
            part = events[: min(len(events) - 1, self.rng.randint(1, 2))]
            chain = self._explained(given, part)
            lines = self._tell_case(given, chain, None)
            literals = [given, *(literal for inference in chain for literal in inference.literals)]
            self.flaw = Flaw(
                len(self.lines),
                "case_dropped",
                f"{explanation} The case that {self.voice.conclusion([(given[0], not given[1])])} is left out.",
            )
            uses = tuple(sorted(set(lines.values())))
            self._adopt(literals, self._tell(self.voice.accepted(literals), self._formula(literals), uses))
            return True
        return False

    def _explained(self, given: Literal, events: Sequence[Event]) -> list[Inference]:
        """All of the events with their reasons."""
        kinds, chain = self.facts.assuming(given), []
        for event in events:
            known = [person for person in event.rule.scope if person in kinds.known]
            chain.append(kinds.infer(event.rule, event.literals, known, given))
            kinds.add(event.literals)
        return chain

    def _mark(self, line: int, misconception: str, explanation: str, wrong: Rule) -> None:
        name = self.names[wrong.speaker]
        right = next(each for each in self.rules if each.number == wrong.number)
        self.flaw = Flaw(line, misconception, f"{explanation} {name} says that {self.voice.recalled(right.statement)}.")


def mistaken(misconception: str, right: Rule, kind: bool, people: int) -> list[Rule]:
    """What somebody with a misconception takes a statement to mean whose speaker is known to be of a kind."""
    statement = right.statement
    if misconception == "misread":
        return [rule(right.number, right.speaker, other, people) for other in misreadings(statement, people)]
    if misconception == "liar_believed":
        return [] if kind else [replace(right, allowed=table(statement, people))]
    if (misconception, statement[0], kind) not in _MISREASONED:
        return []
    everything, sides = universe(people)
    first, second = parts(statement, people)
    meant = {
        "condition_reversed": first | (everything ^ second),
        "or_exclusive": first ^ second,
        "denial_distributed": everything ^ (first | second),
    }[misconception]
    return [replace(right, allowed=meant | sides[right.speaker][not kind])]


_MISREASONED = {
    ("condition_reversed", "if", True),
    ("or_exclusive", "or", True),
    ("denial_distributed", "and", False),
}
"""The misconceptions about one form of statement, with the form and the kind of speaker whose words they distort."""


def misreadings(statement: Statement, people: int) -> list[Statement]:
    """A statement with one name mistaken for another, or with a number off by one."""
    form = statement[0]
    if form == "count":
        _, group, how, number, kind = statement
        return [["count", group, how, other, kind] for other in (number - 1, number + 1) if 0 < other < len(group)]
    absent = [person for person in range(people) if person not in mentioned(statement)]
    if form == "is":
        return [["is", other, statement[2]] for other in absent]
    if form in ("same", "differ"):
        return [[form, statement[1], other] for other in absent]
    first, (_, kind) = statement[1:]
    return [[form, first, [other, kind]] for other in absent]
