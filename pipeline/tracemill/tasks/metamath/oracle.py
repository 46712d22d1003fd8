"""The oracle of Metamath's tasks: inferences held against rules as lists of symbols, without trees or substitutions.

A rule's formula is matched with a text from left to right; what stands for a variable is any stretch of symbols that
the syntax derives from the variable's type. All ways to cut the text are tried, and remembered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from tracemill.records import Payload, Problem, Step

Symbols = tuple[str, ...]


class MetamathOracle:
    method: ClassVar[str] = "derivation of symbol strings by the syntax axioms"

    def answers(self, problem: Problem, answer: str) -> bool:
        kind = problem.check.kind
        if kind == "metamath_proof":
            return self._proves(problem, answer)
        if kind == "metamath_formula":
            return "".join(answer.split()) == "".join(problem.answer.split())
        return answer.strip() == problem.answer

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        theory = _Theory.of(problem)
        known: dict[int, Symbols] = dict(theory.given)
        for index, step in enumerate(steps):
            if step.claim is None or step.claim.kind != "metamath":
                continue
            payload = step.claim.payload
            formula = tuple(str(payload["formula"]).split())
            assumed = [tuple(text.split()) for text in payload.get("assume", ())]
            used = [known[use] for use in step.uses if use in known]
            where = {name: tuple(text.split()) for name, text in payload.get("where", {}).items()}
            if theory.gives(str(payload["rule"]), formula, [*used, *assumed], where) != payload.get("follows", True):
                return index
            if not assumed and payload.get("follows", True):
                known[index] = formula
        return None

    def _proves(self, problem: Problem, answer: str) -> bool:
        theory = _Theory.of(problem)
        formula: Symbols = ()
        tokens = {symbol: token for token, symbol in problem.metadata["instance"]["symbols"].items()}
        known = {name: theory.given[cites] for name, cites in theory.names.items()}
        for line in answer.splitlines():
            number, _, rest = line.partition(". ")
            text, _, reason = rest.rpartition(" by ")
            rule, _, given = reason.partition(" from ")
            formula = tuple(_cut(text, tokens))
            premises = [known.get(name) for name in given.split(", ") if name]
            if None in premises or not theory.gives(rule, formula, [one for one in premises if one], {}):
                return False
            known[number] = formula
        return formula == tuple(str(problem.check.spec["goal"]).split())


def _cut(text: str, tokens: Mapping[str, str]) -> Iterator[str]:
    for word in text.split():
        if word in tokens:
            yield tokens[word]
            continue
        pieces = re.findall("|".join(sorted(map(re.escape, tokens), key=len, reverse=True)), word)
        yield from (tokens[piece] for piece in pieces)


class _Theory:
    """`given`: hypotheses by the number that cites them, `names` these numbers by name."""

    def __init__(self, premises: Sequence[Payload]) -> None:
        self.kinds: Mapping[str, str] = premises[0]["variables"]
        self.distinct = {frozenset(two) for two in premises[0]["distinct"]}
        self.rules = {one["rule"]: one for one in premises if "rule" in one and "line" not in one}
        self.given = {-1 - at: tuple(one["formula"].split()) for at, one in enumerate(premises) if "hypothesis" in one}
        self.names = {one["hypothesis"]: -1 - at for at, one in enumerate(premises) if "hypothesis" in one}
        self.axioms: dict[str, list[Symbols]] = {}
        for _, text in premises[0]["syntax"]:
            kind, *symbols = text.split()
            self.axioms.setdefault(kind, []).append(tuple(symbols))
        self.derives = lru_cache(maxsize=None)(self._derives)
        self.splits = lru_cache(maxsize=None)(self._splits)

    @classmethod
    def of(cls, problem: Problem) -> _Theory:
        return _theory(problem.id, tuple(json.dumps(dict(claim.payload), sort_keys=True) for claim in problem.premises))

    def gives(self, rule: str, formula: Symbols, given: Sequence[Symbols], where: Mapping[str, Symbols]) -> bool:
        stated = self.rules.get(rule)
        if stated is None:
            return False
        patterns = [tuple(stated["formula"].split()), *(tuple(text.split()) for text in stated["hypotheses"])]
        return any(
            all(values.get(name) == value for name, value in where.items()) and self._apart(stated, values)
            for values in self._fit(patterns, [formula], list(dict.fromkeys(given)), {})
        )

    def _fit(
        self,
        patterns: Sequence[Symbols],
        texts: Sequence[Symbols],
        given: Sequence[Symbols],
        values: dict[str, Symbols],
    ) -> Iterator[dict[str, Symbols]]:
        """The values with which the first pattern is one of the texts and each other one of what is given."""
        if not patterns:
            yield values
            return
        for text in texts:
            for cut in self.splits(patterns[0], text):
                further = dict(values)
                if all(further.setdefault(name, part) == part for name, part in cut):
                    yield from self._fit(patterns[1:], given, given, further)

    def _apart(self, stated: Mapping[str, Any], values: Mapping[str, Symbols]) -> bool:
        for one, other in stated["distinct"]:
            for left in set(values[one]) & self.kinds.keys():
                for right in set(values[other]) & self.kinds.keys():
                    if left == right or frozenset((left, right)) not in self.distinct:
                        return False
        return True

    def _splits(self, pattern: Symbols, text: Symbols) -> tuple[tuple[tuple[str, Symbols], ...], ...]:
        """All ways in which a text is an instance of a pattern: what stands for its variables, in their order."""
        if not pattern:
            return () if text else ((),)
        if len(pattern) > len(text):
            return ()
        kind = self.kinds.get(pattern[0])
        if kind is None:
            return self.splits(pattern[1:], text[1:]) if text[0] == pattern[0] else ()
        found = []
        for end in range(1, len(text) - len(pattern) + 2):
            rest = self.splits(pattern[1:], text[end:])
            if rest and self.derives(kind, text[:end]):
                found += [((pattern[0], text[:end]), *cut) for cut in rest]
        return tuple(found)

    def _derives(self, kind: str, text: Symbols) -> bool:
        """Whether a text is a formula, class or variable of that type."""
        if len(text) == 1 and text[0] in self.kinds:
            if self.kinds[text[0]] == kind:
                return True
        elif text.count("(") != text.count(")"):
            return False
        return any(self.splits(axiom, text) for axiom in self.axioms.get(kind, ()))


@lru_cache(maxsize=2)
def _theory(_problem: str, premises: tuple[str, ...]) -> _Theory:
    return _Theory([json.loads(one) for one in premises])
