"""What one event is told as: a clause without its capital and full stop, and the facts that it states.

Every value that the clause names is a fact of it, also where it was stated before. The wording varies with `voice`;
what is stated does not. Facts are those of `tracemill.claims.execution.checker`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.library.code_text import counted, filled_in, is_literally, names_read, quoted, targets, touched
from tracemill.tasks.library.events import Event, Shown, value_of
from tracemill.tasks.library.shown_values import Fact, listed, short, spoken, uncapped

MAX_REASONS = 3
"""A condition over more names than these is told without a reason: a part of one would not explain it."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`bare`: it says no more than that something ran or was imported, which is no step by itself."""

    text: str
    facts: tuple[Fact, ...]
    bare: bool = False


@dataclass(slots=True)
class Clauses:
    """Tells single events of one execution of `source`. `known` has each variable as the fact that states it."""

    source: str
    owner: Mapping[int, ast.stmt]
    teller: Teller
    known: dict[str, Fact] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    """Names whose value the present paragraph has told already."""
    gives: bool = False
    """Whether the function has yielded a value."""

    def voice(self, key: str, **slots: object) -> str:
        """A phrase as a clause, which does not begin a sentence."""
        return uncapped(self.teller.voice(key, **slots))

    def learn(self, event: Event) -> list[str]:
        """The names that an event changed, which are known from now on."""
        at = {"line": event["line"], "visit": event["visit"]}
        for name, shown in event["changes"].items():
            self.known[name] = {"event": "assign", **at, "name": name, **shown}
        return list(event["changes"])

    def fact_at(self, event: Event, name: str) -> Fact:
        """What a name is after an event that may have bound it to what it was before."""
        at = {"line": event["line"], "visit": event["visit"]}
        self.known[name] = {"event": "assign", **at, "name": name, **value_of(self.known[name])}
        return self.known[name]

    def is_(self, name: str) -> str:
        self.said.add(name)
        return f"`{name}` is {spoken(self.known[name])}"

    def arguments(self, values: Mapping[str, Shown]) -> list[Clause]:
        """One for each argument."""
        for name, shown in values.items():
            self.known[name] = {"event": "argument", "name": name, **shown}
        return [Clause(self.is_(name), (self.known[name],)) for name in values]

    def imported(self, events: Iterable[Event]) -> Clause:
        """`run` events of imports that follow each other."""
        names = [name for event in events for name in self.learn(event)]
        runs = [{"event": "run", "line": event["line"], "visit": event["visit"]} for event in events]
        if not names:
            return Clause(self.voice("nothing", code="the import"), tuple(runs), bare=True)
        self.said.update(names)
        text = self.voice("imports", names=listed(spoken(self.known[name]) for name in names))
        return Clause(text, tuple(self.known[name] for name in names), bare=True)

    def statement(self, event: Event) -> list[Clause]:
        """A `run` event. Nothing for returns and yields, which have events of their own."""
        node = self.owner[event["line"]]
        old = dict(self.known)
        changed = self.learn(event)
        if isinstance(node, ast.Return) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield)):
            return []
        named = [name for name in targets(node) if name in self.known]
        named += [name for name in changed if name not in named]
        if not named and (kept := touched(node)) in self.known:
            fact = self.fact_at(event, kept)
            slots = {"code": quoted(self.source, node) or "the next statement", "name": f"`{kept}`"}
            return [Clause(self.voice("stays", **slots, value=spoken(fact)), (fact,))]
        if not named:
            fact = {"event": "run", "line": event["line"], "visit": event["visit"]}
            return [Clause(self._without_effect(node), (fact,), bare=True)]
        facts = [self.fact_at(event, name) for name in named]
        self.said.update(named)
        if len(named) == 1:
            return [self._one(node, named[0], facts[0], old)]
        code = quoted(self.source, node) or "the next statement"
        parts = [(named[at : at + 3], facts[at : at + 3]) for at in range(0, len(named), 3)]
        keys = ["leaves", *["also"] * (len(parts) - 1)]
        return [
            Clause(self.voice(key, code=code, effects=self._effects(names)), tuple(stated))
            for key, (names, stated) in zip(keys, parts, strict=True)
        ]

    def decision(self, event: Event) -> Clause:
        """A `test` event of an `if`."""
        node = self.owner[event["line"]]
        assert isinstance(node, ast.If)
        clause = self._tested(event, node.test, "condition")
        return Clause(self.voice(_consequence(node, event["taken"]), verdict=clause.text), clause.facts)

    def held(self, event: Event) -> Clause:
        """A `test` event of a `while`."""
        node = self.owner[event["line"]]
        assert isinstance(node, ast.While)
        return self._tested(event, node.test, "loop condition")

    def taken_item(self, event: Event) -> Clause:
        """A `round` event of a `for`: what its names are now."""
        node = self.owner[event["line"]]
        assert isinstance(node, ast.For)
        changed = self.learn(event)
        names = [name for name in targets(node) if name in self.known]
        names += [name for name in changed if name not in names]
        if not names:
            fact = {"event": "run", "line": event["line"], "visit": event["visit"]}
            return Clause(self.voice("item"), (fact,), bare=True)
        facts = tuple(self.fact_at(event, name) for name in names)
        return Clause(listed(self.is_(name) for name in names), facts)

    def returned(self, event: Event) -> Clause:
        node = self.owner.get(event["line"])
        fact = {"event": "return", **value_of(event)}
        value = spoken(fact)
        if not isinstance(node, ast.Return):
            return Clause(self.voice("exhausted" if self.gives else "ends", value=value), (fact,))
        code = quoted(self.source, node)
        if code is None or node.value is None or is_literally(node.value, fact):
            return Clause(self.voice("returns_it", value=value), (fact,))
        reason, facts = self._filled(node.value)
        return Clause(reason + self.voice("returns", code=code, value=value), (*facts, fact))

    def yielded(self, event: Event) -> Clause:
        self.gives = True
        fact = {"event": "yield", "visit": event["visit"], **value_of(event)}
        return Clause(self.voice("yields", value=spoken(fact)), (fact,))

    def inner(self, events: list[Event]) -> Clause:
        """What calls of the function by itself give, one after the other within one statement."""
        facts = tuple({"event": "inner", "visit": event["visit"], **value_of(event)} for event in events)
        often = "" if len(events) == 1 else " twice" if len(events) == 2 else f" {len(events)} times"
        return Clause(self.voice("inner", often=often, values=", then ".join(map(spoken, facts))), facts)

    def _one(self, node: ast.stmt, name: str, fact: Fact, old: Mapping[str, Fact]) -> Clause:
        """A statement that binds or changes one name."""
        slots = {"name": f"`{name}`", "value": spoken(fact), "code": quoted(self.source, node) or "the next statement"}
        before = old.get(name)
        if isinstance(node, ast.AugAssign) and before:
            if value_of(before) == value_of(fact):
                return Clause(self.voice("stays", **slots), (fact,))
            came = f"from {spoken(before)} " if short(before) else ""
            return Clause(self.voice("moves", **slots, old=came), (before, fact) if came else (fact,))
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is None or targets(node) != [name]:
            return Clause(self.voice("leaves", code=slots["code"], effects=self._effects([name])), (fact,))
        if is_literally(value, fact):
            return Clause(self.voice("set" if before else "begins", **slots), (fact,))
        reason, facts = self._filled(value, old)
        if reason:
            return Clause(reason + self.voice("becomes", **slots), (*facts, fact))
        return Clause(self.voice("makes" if "value" in fact else "makes_object", **slots), (fact,))

    def _effects(self, names: Iterable[str]) -> str:
        return listed(f"`{name}` as {spoken(self.known[name])}" for name in names)

    def _filled(self, node: ast.expr, known: Mapping[str, Fact] | None = None) -> tuple[str, tuple[Fact, ...]]:
        """`a % b` is 7 % 3, so … – where the names' values are short enough to be put in."""
        known = self.known if known is None else known
        text = filled_in(self.source, node, known)
        if text is None:
            return "", ()
        return self.voice("filled", code=f"`{text.code}`", filled=f"`{text.filled}`"), tuple(
            known[name] for name in text.names
        )

    def _tested(self, event: Event, test: ast.expr, noun: str) -> Clause:
        taken = event["taken"]
        for name in self.learn(event):
            del self.known[name]  # bound by the test itself: no fact says what it is then
        fact = {"event": "branch", "line": event["line"], "visit": event["visit"], "taken": taken}
        verdict, quote = ("met" if taken else "unmet"), quoted(self.source, test)
        reason, facts = self._filled(test)
        if reason:
            return Clause(reason + self.voice(verdict, what=f"the {noun}"), (*facts, fact))
        what = f"the {noun} {quote}" if quote else f"the next {noun}"
        read = [name for name in names_read(test) if name in self.known]
        fresh = [name for name in read if self._explains(name)]
        if not fresh or not self.teller.tells("normal") or len(read) > MAX_REASONS:
            return Clause(self.voice(verdict, what=what), (fact,))
        why = listed(self.is_(name) for name in fresh)
        said = self.voice(verdict, what=f"the {noun}" if isinstance(test, ast.Name) else what)
        return Clause(self.voice("because", why=why, verdict=said), (*(self.known[name] for name in fresh), fact))

    def _explains(self, name: str) -> bool:
        """Whether a value can be a reason: that the symbol `t` is `t` is none."""
        fact = self.known[name]
        return name not in self.said and short(fact) and fact.get("value") != name

    def _without_effect(self, node: ast.stmt) -> str:
        key = {ast.Continue: "continues", ast.Break: "breaks", ast.Pass: "passes_on"}.get(type(node))
        if key is not None:
            return self.voice(key)
        if isinstance(node, ast.Assert):
            return self.voice("asserted", code=quoted(self.source, node.test) or "of the next statement")
        return self.voice("nothing", code=quoted(self.source, node) or "the next statement")


def _consequence(node: ast.If, taken: bool) -> str:
    if taken:
        return "goes_in"
    if not node.orelse:
        return "passes"
    # An `if` alone in an `else` has the same tree as an `elif`, but stands further in.
    chained = isinstance(node.orelse[0], ast.If) and node.orelse[0].col_offset == node.col_offset
    return "next_test" if chained else "other"


def ended(clauses: Clauses, last: Clause | None, count: int, fact: Fact) -> Clause:
    """How a loop ended: by its test, or because there was no more to take."""
    rounds = counted(count, "round")
    if last is None:
        return Clause(clauses.voice("ended", rounds=rounds), (fact,))
    return Clause(clauses.voice("ended_test", verdict=last.text, rounds=rounds), (*last.facts, fact))
