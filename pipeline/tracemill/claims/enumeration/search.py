"""The solutions of formulas over finitely many values, by search; complete within a bound on its steps.

A goal is a term and the value that it is to have. A goal is replaced by smaller ones until its variables have values:
what `(str.++ root ending)` is to be is cut in two in every possible way, `str.replace_all` is turned round, and only
where nothing else is left are the values of a variable tried one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TypeAlias

from tracemill.claims.enumeration.terms import Domain, SearchTerm, SearchValue, Texts, constant, evaluate

Goal: TypeAlias = tuple[SearchTerm, SearchValue]
Env: TypeAlias = Mapping[str, SearchValue]
"""Values of variables. One that is not there may have any of its values."""

MAX_CHOICES = 300
"""Choices within one solution, each of which nests the search deeper."""


class OutOfBoundsError(Exception):
    """The search is longer than its bound."""


class Search:
    """`units` bounds it: looking at a goal costs one, and so does each operator that is evaluated."""

    def __init__(self, domains: Mapping[str, Domain], units: int) -> None:
        self.domains, self.units = domains, units
        self._bits = {name: domain.size.bit_length() for name, domain in domains.items()}

    def first(self, goals: Sequence[Goal]) -> Env | None:
        """A solution, or None if there is not any.

        Raises:
            OutOfBoundsError: the search is longer than its bound.
            RefusedTerm: a text becomes too long.
        """
        return next(self._solutions(list(goals), {}, 0), None)

    def _solutions(self, goals: list[Goal], env: Env, depth: int) -> Iterator[Env]:
        while goals:
            self._spend(len(goals))
            if depth > MAX_CHOICES:
                raise OutOfBoundsError
            term, value = goals.pop(self._next(goals, env))
            if term.names <= env.keys():
                self._spend(term.size)
                if evaluate(term, env) != value:
                    return
            elif term.op == "variable":
                if value not in self.domains[term.name]:
                    return
                env = {**env, term.name: value}
            elif (parts := _parts(term, value, env)) is not None:
                goals += parts
            else:
                for more, bound in self._choices(term, value, env):
                    yield from self._solutions([*goals, *more], {**env, **bound}, depth + 1)
                return
        yield env

    def _spend(self, units: int) -> None:
        self.units -= units
        if self.units < 0:
            raise OutOfBoundsError

    def _next(self, goals: Sequence[Goal], env: Env) -> int:
        """The place of the goal that leaves the fewest choices, as far as can be seen at once."""
        best, least = 0, 1_000_000
        for at in range(len(goals) - 1, -1, -1):  # the newest are the likeliest to leave no choice
            cost = self._cost(*goals[at], env)
            if cost <= 1:
                return at
            if cost < least:
                best, least = at, cost
        return best

    def _cost(self, term: SearchTerm, value: SearchValue, env: Env) -> int:
        """How late to look at a goal: 0 where it can only be checked, 1 where it leaves no choice."""
        unbound = term.names - env.keys()
        if not unbound:
            return 0
        if term.op in ("variable", "not") or (term.op in ("and", "or") and value == (term.op == "and")):
            return 1
        if term.op == "=":
            guided = value and any(side.names <= env.keys() for side in term.args)
            if guided:
                return 1
        elif term.guided:
            return 1 + len(unbound)
        return 1_000 + sum([self._bits[name] for name in unbound])

    def _choices(self, term: SearchTerm, value: SearchValue, env: Env) -> Iterator[tuple[list[Goal], Env]]:
        """Ways in which a term can get a value, together all of them."""
        if term.op in ("and", "or"):
            for arg in term.args:
                yield [(arg, value)], {}
        elif term.op == "ite":
            condition, then, other = term.args
            yield [(condition, True), (then, value)], {}
            yield [(condition, False), (other, value)], {}
        elif term.op == "str.++":
            yield from self._cuts(term, str(value))
        elif term.op == "str.replace_all" and term.args[2].names <= env.keys() and _turns_round(term, env):
            pattern, by = (str(evaluate(arg, env)) for arg in term.args[1:])
            for before in self._before(str(value), pattern, by):
                yield [(term.args[0], before)], {}
        elif value and (around := self._within(term, env)):
            for text in self._fitting(term, around, env):
                yield [], {around: text}
        else:
            name = self._smallest(term, env)
            for one in self.domains[name]:
                yield [(term, value)], {name: one}

    def _within(self, term: SearchTerm, env: Env) -> str:
        """The variable of which `str.contains` and its like ask something known, if it is one of many texts."""
        if term.op not in ("str.contains", "str.prefixof", "str.suffixof"):
            return ""
        names = [arg.name for arg in term.args if arg.op == "variable" and arg.name not in env]
        known = any(arg.names <= env.keys() for arg in term.args)
        return names[0] if known and names and isinstance(self.domains[names[0]], Texts) else ""

    def _fitting(self, term: SearchTerm, name: str, env: Env) -> Iterator[str]:
        """The values of a variable that are within a known text, or around it, as `term` asks."""
        domain = self.domains[name]
        assert isinstance(domain, Texts)
        whole, part = term.args if term.op == "str.contains" else term.args[::-1]
        if part.name == name:
            text = str(evaluate(whole, env))
            starts = [0] if term.op == "str.prefixof" else range(len(text) + 1)
            for start in starts:
                ends = [len(text)] if term.op == "str.suffixof" else range(start, len(text) + 1)
                yield from (text[start:end] for end in ends if text[start:end] in domain)
            return
        text = str(evaluate(part, env))
        for around in range(max(0, domain.shortest - len(text)), domain.longest - len(text) + 1):
            befores = {"str.prefixof": [0], "str.suffixof": [around]}.get(term.op, range(around + 1))
            for before in befores:
                for letters in product(domain.letters, repeat=around):
                    self._spend(1)
                    one = "".join((*letters[:before], text, *letters[before:]))
                    if one in domain:
                        yield one

    def _cuts(self, term: SearchTerm, text: str) -> Iterator[tuple[list[Goal], Env]]:
        first, rest = term.args[0], _rest(term)
        for at in range(len(text) + 1):
            if first.op != "variable" or text[:at] in self.domains[first.name]:
                yield [(first, text[:at]), (rest, text[at:])], {}

    def _before(self, text: str, pattern: str, by: str) -> Iterator[str]:
        """All texts that become `text` where `pattern` is replaced by `by`: some of its `by`s were patterns."""

        def spelt(at: int, built: str) -> Iterator[str]:
            self._spend(1)
            found = text.find(by, at)
            if found < 0:
                yield built + text[at:]
                return
            yield from spelt(found + 1, built + text[at : found + 1])
            yield from spelt(found + len(by), built + text[at:found] + pattern)

        for before in spelt(0, ""):
            if before.replace(pattern, by) == text:
                yield before

    def _smallest(self, term: SearchTerm, env: Env) -> str:
        by = term.args[2].names - env.keys() if term.op == "str.replace_all" else ()
        unbound = sorted(by or term.names - env.keys())
        return min(unbound, key=lambda name: self.domains[name].size)


def _parts(term: SearchTerm, value: SearchValue, env: Env) -> list[Goal] | None:
    """The goals that a goal comes to; None where there is a choice."""
    if term.op == "not":
        return [(term.args[0], not value)]
    if term.op in ("and", "or") and (value == (term.op == "and") or len(term.args) == 1):
        return [(arg, value) for arg in term.args]
    if term.op == "=" and value:
        for one, other in (term.args, term.args[::-1]):
            if one.names <= env.keys():
                return [(other, evaluate(one, env))]
    if term.op == "ite" and term.args[0].names <= env.keys():
        return [(term.args[1 if evaluate(term.args[0], env) else 2], value)]
    if term.op == "str.++":
        return _trimmed(term, str(value), env)
    return None


def _trimmed(term: SearchTerm, text: str, env: Env) -> list[Goal] | None:
    """A text without what is known of its beginning or end; None where neither is known."""
    if len(term.args) == 1:
        return [(term.args[0], text)]
    first, last = term.args[0], term.args[-1]
    never: list[Goal] = [(constant(False), True)]
    if first.names <= env.keys():
        known = str(evaluate(first, env))
        return [(_rest(term), text[len(known) :])] if text.startswith(known) else never
    if last.names <= env.keys():
        known = str(evaluate(last, env))
        before = term._replace(args=term.args[:-1], names=_names(term.args[:-1]))
        return [(before, text[: len(text) - len(known)])] if text.endswith(known) else never
    return None


def _rest(term: SearchTerm) -> SearchTerm:
    return term._replace(args=term.args[1:], names=_names(term.args[1:]))


def _names(args: Sequence[SearchTerm]) -> frozenset[str]:
    return frozenset[str]().union(*(arg.names for arg in args))


def _turns_round(term: SearchTerm, env: Env) -> bool:
    """Whether the texts from which a text comes by replacing are found from its own letters."""
    _, pattern, by = term.args
    return pattern.names <= env.keys() and bool(evaluate(pattern, env)) and bool(evaluate(by, env))
