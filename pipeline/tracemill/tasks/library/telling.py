"""An execution told in steps: the arguments, then each statement, loops round by round, like rounds together.

How much a step holds is the level of detail: a thorough telling has a step for each statement, a terse one joins up to
five and tells neighbouring rounds that do the same as a series. Each step rests on the call and on the step before it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tracemill.records import Claim, premise
from tracemill.tasks.kit.teller import Ref, Teller
from tracemill.tasks.library.clauses import Clause, Clauses, ended
from tracemill.tasks.library.code_text import counted, head_of, quoted
from tracemill.tasks.library.events import Event, Shown
from tracemill.tasks.library.rechecks import Rechecks
from tracemill.tasks.library.series import is_item, one_series, series_of, told_together
from tracemill.tasks.library.shown_values import Fact, listed, sentence, spoken, uncapped
from tracemill.tasks.library.tree import CodeNode, Loop, Round
from tracemill.tasks.task import Detail

_CLAUSES: dict[Detail, int] = {"terse": 5, "normal": 3, "thorough": 1}
"""Told in one step."""
_ARGUMENTS = 4
"""Told in one step by the thorough."""
_LONG_LINE = 420


@dataclass(slots=True)
class Telling:
    """Tells one execution. `rechecks` knows the true one, and so what may be doubted and found right."""

    teller: Teller
    source: str
    owner: Mapping[int, ast.stmt]
    call: str
    rechecks: Rechecks
    clauses: Clauses = field(init=False)
    waiting: list[Clause] = field(default_factory=list)
    before: Ref = ()
    """The step that was told last."""
    place: int = 0
    """Of the premise with the call."""

    def __post_init__(self) -> None:
        self.clauses = Clauses(self.source, self.owner, self.teller)

    def arguments(self, values: Mapping[str, Shown]) -> None:
        told = self.clauses.arguments(values)
        together = _ARGUMENTS if self.teller.tells("thorough") else len(told)
        for at in range(0, len(told), together or 1):
            part = told[at : at + together]
            key, text = ("more_arguments" if at else "arguments"), listed(clause.text for clause in part)
            said = self.teller.voice(key, call=self.call, values=text)
            self.waiting.append(Clause(said, tuple(fact for clause in part for fact in clause.facts)))
            self.flush()

    def result(self, shown: Shown) -> None:
        """The value of the call, said in one step with what the function returned, except by the thorough."""
        text = self.teller.voice("result", call=self.call, value=spoken(shown))
        if self.teller.tells("thorough"):
            self.flush(final=True)
        self.flush(final=True, closing=Clause(text, ({"event": "result", **shown},)))

    def block(self, nodes: Sequence[CodeNode], within: bool = False) -> None:
        """Within a round, decisions stay in one step with what follows from them."""
        imports: list[Event] = []
        inner: list[Event] = []
        for at, node in enumerate(nodes):
            if not isinstance(node, Loop) and node["kind"] == "inner":
                inner.append(node)
                continue
            if inner:
                self.add(self.clauses.inner(inner))
                inner = []
            if isinstance(node, Loop):
                self.flush()
                self.loop(node)
                continue
            if self._imports(node):
                imports.append(node)
                following = nodes[at + 1] if at + 1 < len(nodes) else None
                if following is None or isinstance(following, Loop) or not self._imports(following):
                    self.add(self.clauses.imported(imports))
                    imports = []
                continue
            if node["kind"] == "return" and self.proper() > 1:
                self.flush()
            for clause in self.told(node):
                self.add(clause)
            if node["kind"] == "test" and not within and self.teller.tells("normal"):
                self.flush()

    def told(self, event: Event) -> list[Clause]:
        match event["kind"]:
            case "run":
                return self.clauses.statement(event)
            case "test":
                return [self.clauses.decision(event)]
            case "return":
                return [self.clauses.returned(event)]
            case "inner":
                return [self.clauses.inner([event])]
        return [self.clauses.yielded(event)]

    def add(self, clause: Clause) -> None:
        long = sum(len(one.text) for one in [*self.waiting, clause]) > _LONG_LINE
        if self.proper() and (long or self.proper() >= _CLAUSES[self.teller.detail]):
            self.flush()
        self.waiting.append(clause)

    def proper(self) -> int:
        """How many of the waiting clauses could be a step by themselves."""
        return sum(not clause.bare for clause in self.waiting)

    def flush(self, final: bool = False, closing: Clause | None = None) -> None:
        """Tells what waits, two clauses to a sentence, and `closing` in one of its own. What is no step by itself waits
        on for the next one, unless this is `final`."""
        said = [*self.waiting, *([closing] if closing else [])]
        if not final and (all(clause.bare for clause in said) or self._returns()):
            return
        if not said:
            return
        text = self._joined([clause.text for clause in self.waiting])
        text = " ".join([*([text] if text else []), *([sentence(closing.text)] if closing else [])])
        facts = [fact for clause in said for fact in clause.facts]
        facts = [fact for at, fact in enumerate(facts) if fact not in facts[:at]]
        self.waiting.clear()
        self.clauses.said.clear()
        self.rechecks.offer(self.teller, facts)
        claim = Claim("execution", {"facts": facts})
        self.before = self.teller.say("step", claim, [premise(self.place), self.before], text=text)

    def _returns(self) -> bool:
        """Whether the function has returned, which is said in one step with the value of the call."""
        return bool(self.waiting) and self.waiting[-1].facts[-1]["event"] == "return"

    def _joined(self, texts: list[str]) -> str:
        sentences: list[str] = []
        for at in range(0, len(texts), 2):
            pair = texts[at : at + 2]
            text = uncapped(self.teller.voice("link", one=pair[0], two=pair[1])) if len(pair) > 1 else pair[0]
            sentences.append(sentence(self.teller.voice("next", text=text) if sentences else text))
        return " ".join(sentences)

    def _imports(self, event: Event) -> bool:
        return event["kind"] == "run" and isinstance(self.owner[event["line"]], ast.Import | ast.ImportFrom)

    def loop(self, loop: Loop) -> None:
        """How often a loop runs is said at once only where that can be known at once."""
        node = self.owner[loop.line]
        assert isinstance(node, ast.For | ast.While)
        named = head_of(self.source, node) or "that comes next"
        foreseen = loop.count is not None and isinstance(node, ast.For) and _runs_to_the_end(node)
        if foreseen:
            assert loop.count is not None
            said = self.teller.voice("opening", loop=named, rounds=counted(loop.count, "round"))
            self.add(Clause(said, (_count(loop),)))
        else:
            self.flush(final=True)
            self.teller.lead("begin", loop=named)
        self.rounds(loop, foreseen)
        self.ending(loop, foreseen)

    def rounds(self, loop: Loop, foreseen: bool) -> None:
        done = 0
        for series in series_of(loop.rounds):
            if len(series) > 1 and not self.teller.tells("thorough") and self.together(series):
                done += len(series)
                continue
            for one in series:
                done += 1
                self.round(one, done, last=foreseen and loop.count == done)

    def ending(self, loop: Loop, foreseen: bool) -> None:
        """The test that ended a loop, and how often the loop ran where that has not been said."""
        if loop.count is None or (foreseen and loop.last is None):
            return
        last = self.clauses.held(loop.last) if loop.last else None
        self.add(ended(self.clauses, last, loop.count, _count(loop)))

    def round(self, one: Round, number: int, last: bool) -> None:
        key = "first" if number == 1 else "last" if last else "round"
        head = self.head(one)
        if head is not None:
            self.add(Clause(self.teller.voice(key, text=head.text, number=number), head.facts))
        self.block(one.body, within=True)
        self.flush()

    def head(self, one: Round) -> Clause | None:
        """What begins a round; nothing in `while True`."""
        if one.head["kind"] == "test":
            return self.clauses.held(one.head)
        if isinstance(self.owner[one.head["line"]], ast.For):
            return self.clauses.taken_item(one.head)
        return None

    def together(self, series: list[Round]) -> bool:
        """Tells rounds that do the same as one series; says no where that would not be clear."""
        before = dict(self.clauses.known)
        rounds = [list(self._facts_of(one)) for one in series]
        if not one_series(rounds):
            self.clauses.known = before
            return False
        self.clauses.said.clear()
        columns = [list(column) for column in zip(*rounds, strict=True)]
        items = [column for column in columns if is_item(column[0], self.owner)]
        tests = {fact["line"]: self._test(fact["line"]) for fact in rounds[0] if "line" in fact}
        texts = [told_together(column, tests) for column in columns if column not in items]
        start = self._items(items) if items else ""
        text = start + (": " if start and texts else "") + "; ".join(texts)
        self.add(Clause(text, tuple(fact for facts in rounds for fact in facts)))
        self.flush()
        return True

    def _test(self, line: int) -> str:
        """The code of a statement's test, or of the statement, in backticks where it is short."""
        node = self.owner[line]
        return quoted(self.source, node.test if isinstance(node, ast.If | ast.While) else node) or ""

    def _facts_of(self, one: Round) -> Iterator[Fact]:
        """What happens in a round, without what is said again as a reason."""
        head = self.head(one)
        yield from _own(one.head, [head] if head else [])
        for event in one.body:
            assert not isinstance(event, Loop)
            yield from _own(event, self.told(event))

    def _items(self, columns: list[list[Fact]]) -> str:
        """What the loop's names run through in these rounds."""
        names = [f"`{column[0]['name']}`" for column in columns]
        values = [listed(spoken(fact) for fact in column) for column in columns]
        if len(names) == 1:
            return self.teller.voice("in_turn", name=names[0], values=values[0])
        runs = listed(f"{name} through {run}" for name, run in zip(names, values, strict=True))
        return f"as {runs.replace(' through', ' runs through', 1)}"


def _own(event: Event, clauses: Iterable[Clause]) -> Iterator[Fact]:
    moment = (event["line"] or None, event["visit"])
    yield from (fact for clause in clauses for fact in clause.facts if (fact.get("line"), fact.get("visit")) == moment)


@lru_cache(maxsize=256)
def _runs_to_the_end(node: ast.For) -> bool:
    """Whether a loop takes all its items, come what may: it has no `break` of its own, and no `return`."""
    inner: list[ast.AST] = list(node.body)
    while inner:
        part = inner.pop()
        if isinstance(part, ast.Break):
            return False
        inner += part.orelse if isinstance(part, ast.For | ast.While) else ast.iter_child_nodes(part)
    return not any(isinstance(part, ast.Return) for part in ast.walk(node))


def _count(loop: Loop) -> Fact:
    return {"event": "loop", "line": loop.line, "visit": loop.visit, "count": loop.count}
