"""An execution told as lines: the arguments, then each statement, loops round by round, like rounds together."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tracemill.records import Claim, premise
from tracemill.tasks.library.events import Event, Shown, statements
from tracemill.tasks.library.tree import Loop, Node, Round, tree_of
from tracemill.tasks.library.words import MAX_CODE, Clause, Fact, Words, listed, sentence, spoken
from tracemill.tasks.task import Line

MAX_TOGETHER = 6
"""Rounds of a loop that are told as one series."""
MAX_CLAUSES = 4
_LONG_LINE = 420


def tell(reply: dict[str, Any], rng: Random) -> list[Line]:
    """The lines of a traced execution (the reply of `trace.trace`)."""
    definition = ast.parse(reply["source"]).body[0]
    assert isinstance(definition, ast.FunctionDef)
    owner = statements(definition)
    telling = _Telling(Words(reply["source"], owner, rng), rng)
    events: list[Event] = reply["events"]
    telling.arguments(events[0]["values"], reply["expression"])
    telling.block(tree_of(events[1:], owner))
    telling.flush()
    telling.result(reply["expression"], reply["result"])
    return telling.lines


@dataclass(slots=True)
class _Telling:
    words: Words
    rng: Random
    lines: list[Line] = field(default_factory=list)
    waiting: list[Clause] = field(default_factory=list)
    lead: str = ""
    """A sentence that the next line begins with: it claims nothing."""

    def line(self, text: str, facts: Sequence[Fact]) -> None:
        self.words.said.clear()
        text, self.lead = f"{self.lead}{text}", ""
        self.lines.append(Line(text, Claim("execution", {"facts": list(facts)}), (premise(0),)))

    def arguments(self, values: dict[str, Shown], expression: str) -> None:
        self.words.state.update(values)
        if not values:
            return
        facts = [{"event": "argument", "name": name, **shown} for name, shown in values.items()]
        names = listed(self.words.is_(name) for name in values)
        one_line = " ".join(expression.split())
        forms = [
            f"When `{one_line}` reaches the function, {names}.",
            f"Start with what the function is given: {names}.",
            f"On entry, {names}.",
            f"For `{one_line}` the body begins with these values: {names}.",
        ]
        self.line(self.rng.choice(forms), facts)

    def result(self, expression: str, shown: Shown) -> None:
        code = " ".join(expression.split())
        forms = [
            f"So `{code}` evaluates to {spoken(shown)}.",
            f"The value of `{code}` is therefore {spoken(shown)}.",
            f"Altogether, `{code}` comes out as {spoken(shown)}.",
        ]
        self.line(self.rng.choice(forms), [{"event": "result", **shown}])

    def block(self, nodes: Sequence[Node], within: bool = False) -> None:
        """Within a round, decisions stay in one paragraph with what follows from them."""
        imports: list[Event] = []
        for at, node in enumerate(nodes):
            if not isinstance(node, Loop) and self._imports(node):
                imports.append(node)
                following = nodes[at + 1] if at + 1 < len(nodes) else None
                if following is None or isinstance(following, Loop) or not self._imports(following):
                    self.add(self.words.imported(imports))
                    imports = []
                continue
            if isinstance(node, Loop):
                self.flush()
                self.loop(node)
                continue
            clause = self.clause(node)
            if clause is not None:
                self.add(clause)
            if node["kind"] == "return" or (node["kind"] == "test" and not within):
                self.flush()

    def _imports(self, event: Event) -> bool:
        return event["kind"] == "run" and isinstance(self.words.owner[event["line"]], ast.Import | ast.ImportFrom)

    def clause(self, event: Event) -> Clause | None:
        if event["kind"] == "run":
            return self.words.statement(event)
        if event["kind"] == "test":
            return self.words.decision(event)
        return self.words.returned(event) if event["kind"] == "return" else self.words.yielded(event)

    def add(self, clause: Clause) -> None:
        if sum(len(c.text) for c in [*self.waiting, clause]) > _LONG_LINE or len(self.waiting) >= MAX_CLAUSES:
            self.flush()
        self.waiting.append(clause)

    def flush(self) -> None:
        """Tells what waits: the clauses of one paragraph, two to a sentence."""
        if not self.waiting:
            return
        texts = [clause.text for clause in self.waiting]
        self.line(self._joined(texts), [fact for clause in self.waiting for fact in clause.facts])
        self.waiting.clear()

    def _joined(self, texts: list[str]) -> str:
        sentences: list[str] = []
        while texts:
            taken, texts = texts[:2], texts[2:]
            link = self.rng.choice(["; then ", ", and then ", "; after that, "])
            start = self.rng.choice(["", "", "next, ", "then, "]) if sentences else ""
            sentences.append(sentence(start + link.join(taken)))
        return " ".join(sentences)

    def loop(self, loop: Loop) -> None:
        """How often a loop runs is said at once only where that can be known at once."""
        foreseen = loop.count is not None and (not loop.count or _runs_to_the_end(self.words.owner[loop.line]))
        if foreseen:
            self.opening(loop)
        else:
            self.lead = self.rng.choice(["Now to {loop}. ", "Next comes {loop}. ", "Here {loop} begins. "]).format(
                loop=self._named(loop)
            )
        done = 0
        for series in _series(loop.rounds):
            if len(series) > 1 and self.together(series):
                done += len(series)
                continue
            for one in series:
                self.round(one, done, last=foreseen and loop.count == done + 1)
                done += 1
        self.ending(loop, foreseen)

    def opening(self, loop: Loop) -> None:
        named, count = self._named(loop), loop.count
        forms = [f"{named} runs {_times(count)}", f"{named} goes round {_times(count)}"]
        if not count:
            forms = [f"{named} does not run at all", f"{named} has nothing to do"]
        self.line(sentence(self.rng.choice(forms)), [_count(loop)])

    def ending(self, loop: Loop, foreseen: bool) -> None:
        """The test that ended a loop, and how often the loop ran where that has not been said."""
        after = "" if foreseen or loop.count is None else f"after {_rounds(loop.count)}"
        if loop.last is not None:
            held = self.words.held(loop.last)
            self.add(Clause(f"{held.text} {after}", (*held.facts, _count(loop))) if after else held)
            self.flush()
        elif after:
            forms = [f"the loop is over {after}", f"that was the end of the loop, {after}"]
            self.line(sentence(self.rng.choice(forms)), [_count(loop)])

    def _named(self, loop: Loop) -> str:
        head = self._head_code(self.words.owner[loop.line])
        return f"the loop `{head}`" if len(head) <= MAX_CODE and "`" not in head else "the next loop"

    def _head_code(self, node: ast.stmt) -> str:
        code = self.words.code
        if isinstance(node, ast.For):
            return f"for {code(node.target)} in {code(node.iter)}"
        assert isinstance(node, ast.While)
        return f"while {code(node.test)}"

    def round(self, one: Round, done: int, last: bool) -> None:
        head = self.head(one)
        text = f"{self._ordinal(done, last)}{head.text}" if head.facts else f"round {done + 1} begins"
        self.waiting.append(Clause(text, head.facts))
        self.block(one.body, within=True)
        self.flush()

    def head(self, one: Round) -> Clause:
        if one.head["kind"] == "test":
            return self.words.held(one.head)
        if isinstance(self.words.owner[one.head["line"]], ast.For):
            return self.words.taken_item(one.head)
        return Clause("", ())

    def _ordinal(self, done: int, last: bool) -> str:
        if done == 0:
            first = ["in the first round, ", "first, ", "on the first pass, "]
            return self.rng.choice(["in this one round, ", "there, "] if last else first)
        if last:
            return self.rng.choice(["in the last round, ", "on the last pass, ", "finally, "])
        return self.rng.choice(["next, ", f"in round {done + 1}, ", "then, ", f"on pass {done + 1}, "])

    def together(self, series: list[Round]) -> bool:
        """Tells rounds that do the same as one series; says no where that would not be clear."""
        before = dict(self.words.state)
        rounds = [list(self._facts_of(one)) for one in series]
        if len({len(facts) for facts in rounds}) > 1 or not all(map(_fits, rounds)):
            self.words.state = before
            return False
        columns = [list(column) for column in zip(*rounds, strict=True)]
        items = [column for column in columns if self._is_item(column[0])]
        texts = [self._column(column) for column in columns if column not in items]
        start = self._items(items) + (": " if texts else "") if items else ""
        self.line(sentence(start + "; ".join(texts)), [fact for facts in rounds for fact in facts])
        return True

    def _facts_of(self, one: Round) -> Iterator[Fact]:
        yield from self.head(one).facts
        for event in one.body:
            assert not isinstance(event, Loop)
            clause = self.clause(event)
            yield from clause.facts if clause else ()

    def _column(self, facts: list[Fact]) -> str:
        """One fact of each round, in order."""
        first = facts[0]
        if first["event"] == "branch":
            return self._decided(first, len(facts))
        if first["event"] == "run":
            return self._repeated(first, len(facts))
        values = [spoken(fact) for fact in facts]
        what = f"`{first['name']}`" if first["event"] == "assign" else "the value handed out"
        if len(set(values)) == 1:
            return f"{what} is {values[0]} each time"
        return f"{what} becomes {', then '.join(values)}"

    def _is_item(self, fact: Fact) -> bool:
        return fact["event"] == "assign" and isinstance(self.words.owner[fact["line"]], ast.For)

    def _items(self, columns: list[list[Fact]]) -> str:
        """What the loop's names run through in these rounds."""
        names = [f"`{column[0]['name']}`" for column in columns]
        values = [listed(spoken(fact) for fact in column) for column in columns]
        if len(names) == 1:
            return self.rng.choice(
                [f"for {names[0]} equal to {values[0]} in turn", f"with {names[0]} being {values[0]} in turn"]
            )
        runs = listed(f"{name} through {run}" for name, run in zip(names, values, strict=True))
        return f"as {runs.replace(' through', ' runs through', 1)}"

    def _decided(self, fact: Fact, rounds: int) -> str:
        node = self.words.owner[fact["line"]]
        assert isinstance(node, ast.If | ast.While)
        code = self.words.quoted(node.test)
        noun = f"the test {code}" if code else "the test"
        often = "both times" if rounds == 2 else self.rng.choice(["every time", f"all {rounds} times"])
        return f"{noun} {'holds' if fact['taken'] else 'fails'} {often}"

    def _repeated(self, fact: Fact, rounds: int) -> str:
        named = self.words.quoted(self.words.owner[fact["line"]]) or "the statement"
        return f"{named} runs {'both' if rounds == 2 else 'each'} {'times' if rounds == 2 else 'time'}"


def _runs_to_the_end(node: ast.stmt) -> bool:
    """Whether a loop takes all its items, come what may: a `for` without a `break` of its own."""
    if not isinstance(node, ast.For):
        return False
    inner: list[ast.AST] = list(node.body)
    while inner:
        part = inner.pop()
        if isinstance(part, ast.Break):
            return False
        if not isinstance(part, ast.For | ast.While):
            inner += ast.iter_child_nodes(part)
        else:
            inner += part.orelse
    return True


def _count(loop: Loop) -> Fact:
    return {"event": "loop", "line": loop.line, "visit": loop.visit, "count": loop.count}


def _times(count: int | None) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _rounds(count: int) -> str:
    return "one round" if count == 1 else f"{count} rounds"


def _fits(facts: list[Fact]) -> bool:
    """Whether a round can be one of a series: its values are short, and no name gets two of them."""
    names = [fact["name"] for fact in facts if "name" in fact]
    short = all("type" not in fact and len(fact.get("value", "")) <= 40 for fact in facts)
    return short and len(facts) <= 6 and len(set(names)) == len(names)


def _series(rounds: list[Round]) -> Iterator[list[Round]]:
    """Neighbouring rounds of the same shape, at most MAX_TOGETHER at once; rounds with loops in them alone."""
    group: list[Round] = []
    for one in rounds:
        if group and (len(group) == MAX_TOGETHER or _shape(one) is None or _shape(one) != _shape(group[-1])):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _shape(one: Round) -> list[tuple[Any, ...]] | None:
    if any(isinstance(node, Loop) or node["kind"] == "return" for node in one.body):
        return None
    return [
        (event["kind"], event.get("line"), event.get("taken"), tuple(event.get("changes", {})))
        for event in [one.head, *one.body]
        if not isinstance(event, Loop)
    ]
