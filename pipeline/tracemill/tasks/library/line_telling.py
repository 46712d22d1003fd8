"""An execution told line by line, with the values before and after: a trace in the manner of a debugger's.

Each executed line is a step. Of a loop with many rounds the first is told so; of the others what stays the same, grows
by a fixed step, or adds up to one number in every round, and else the values, one after the other. All values of all
these rounds are facts of the step, so that what is said of every round is checked on every round.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from tracemill.records import Claim, premise
from tracemill.tasks.kit.teller import Ref, Teller
from tracemill.tasks.library.code_text import head_of, quoted, targets
from tracemill.tasks.library.events import Event, Shown, value_of
from tracemill.tasks.library.rechecks import Rechecks
from tracemill.tasks.library.shown_values import Fact, listed, sentence, spoken, uncapped
from tracemill.tasks.library.tree import CodeNode, Loop, Round
from tracemill.tasks.task import Detail

_ROUNDS: dict[Detail, int] = {"terse": 2, "normal": 4, "thorough": 8}
"""A loop of more rounds is summed up."""
_MOST_FACTS = 150
_LISTED = 8
"""Values that are written one after the other; of more, the first and the last."""


@dataclass(slots=True)
class LineTelling:
    """Tells one execution. `known`: each variable as the fact that states it."""

    teller: Teller
    source: str
    owner: Mapping[int, ast.stmt]
    call: str
    rechecks: Rechecks
    known: dict[str, Fact] = field(default_factory=dict)
    before: Ref = ()

    def arguments(self, values: Mapping[str, Shown]) -> None:
        self.known = {name: {"event": "argument", "name": name, **shown} for name, shown in values.items()}
        said = listed(f"`{name}` is {spoken(shown)}" for name, shown in values.items()) if values else "no variable yet"
        facts = list(self.known.values()) or [{"event": "run", "line": 1, "visit": 1}]
        self._say("entry", facts, call=self.call, values=said)

    def block(self, nodes: Sequence[CodeNode]) -> None:
        for node in nodes:
            if isinstance(node, Loop):
                self._loop(node)
            else:
                self._event(node)

    def result(self, shown: Shown) -> None:
        self._say("result", [{"event": "result", **shown}], call=self.call, value=spoken(shown))

    def _event(self, event: Event) -> None:
        at = {"line": event["line"], "visit": event["visit"]} if "visit" in event else {}
        match event["kind"]:
            case "run":
                self._run(event)
            case "test":
                self._test(event, "if")
            case "inner":
                fact = {"event": "inner", "visit": event["visit"], **value_of(event)}
                self._say("calls_itself", [fact], value=spoken(fact))
            case "yield":
                fact = {"event": "yield", "visit": event["visit"], **value_of(event)}
                self._say("hands_out", [fact], value=spoken(fact))
            case "return":
                fact = {"event": "return", **value_of(event)}
                code = self._code(event["line"])
                self._say("returns", [fact], line=event["line"], code=code, value=spoken(fact))
            case _:
                raise ValueError(f"no line is told of {event['kind']} at {at}")

    def _run(self, event: Event) -> None:
        node = self.owner[event["line"]]
        if isinstance(node, ast.Return) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield)):
            return  # it has an event of its own
        facts, effects = [], []
        for name, old, new in self._learn(event):
            facts += [old, new] if old else [new]
            effects.append(_effect(name, old, new))
        facts = facts or [{"event": "run", "line": event["line"], "visit": event["visit"]}]
        said = listed(effects) if effects else self.teller.voice("no_effect")
        self._say("line", facts, line=event["line"], code=self._code(event["line"]), effects=uncapped(said))

    def _test(self, event: Event, kind: str) -> None:
        for name in event["changes"]:
            self.known.pop(name, None)  # bound by the test itself: no fact says what it is then
        fact = {"event": "branch", "line": event["line"], "visit": event["visit"], "taken": event["taken"]}
        node = self.owner[event["line"]]
        assert isinstance(node, ast.If | ast.While)
        code = quoted(self.source, node.test) or "the condition"
        verdict = self.teller.voice("is_true" if event["taken"] else "is_false")
        self._say("decides", [fact], line=event["line"], kind=f"`{kind}`", code=code, verdict=uncapped(verdict))

    def _loop(self, loop: Loop) -> None:
        node = self.owner[loop.line]
        assert isinstance(node, ast.For | ast.While)
        most, summed = _ROUNDS[self.teller.detail], False
        for number, one in enumerate(loop.rounds, start=1):
            rest = loop.rounds[number - 1 :]
            if number == 2 and len(loop.rounds) > most and self._sum_up(loop, rest):
                summed = True
                break
            self._round(one, number, node)
        if loop.last is not None and not summed:
            self._test(loop.last, "while")
        if loop.count is not None:
            fact = {"event": "loop", "line": loop.line, "visit": loop.visit, "count": loop.count}
            rounds = "1 round" if loop.count == 1 else f"{loop.count} rounds"
            self._say("over", [fact], line=loop.line, rounds=rounds, loop=head_of(self.source, node) or "the loop")

    def _round(self, one: Round, number: int, node: ast.For | ast.While) -> None:
        if one.head["kind"] == "test":
            self._test(one.head, "while")
        elif isinstance(node, ast.For):
            names = [name for name, _, _ in self._learn(one.head)] or [n for n in targets(node) if n in self.known]
            facts = [self._at(one.head, name) for name in names]
            facts = facts or [{"event": "run", "line": one.head["line"], "visit": one.head["visit"]}]
            said = listed(f"`{name}` is {spoken(self.known[name])}" for name in names) if names else "the next item"
            self._say("begins_round", facts, line=one.head["line"], number=number, values=said)
        self.block(one.body)

    def _sum_up(self, loop: Loop, rounds: Sequence[Round]) -> bool:
        """Tells all these rounds in one step; says no where a round has loops of its own, or too much happens."""
        if any(isinstance(node, Loop) or node["kind"] != "run" for one in rounds for node in one.body):
            return False
        kept = dict(self.known)
        columns: list[dict[str, Fact]] = []
        facts: list[Fact] = []
        for one in rounds:
            for event in [one.head, *(node for node in one.body if not isinstance(node, Loop))]:
                if event["kind"] == "test":
                    at = {"line": event["line"], "visit": event["visit"]}
                    facts.append({"event": "branch", **at, "taken": event["taken"]})
                    continue
                facts += [new for _, _, new in self._learn(event)]
            columns.append(dict(self.known))
        changed = [
            name for name in self.known if len({spoken(column.get(name, {"type": "?"})) for column in columns}) > 1
        ]
        if not changed or len(facts) > _MOST_FACTS or any(name not in columns[0] for name in changed):
            self.known = kept
            return False
        if loop.last is not None:
            facts.append({"event": "branch", "line": loop.line, "visit": loop.last["visit"], "taken": False})
        said = "; ".join(self._over(changed, columns))
        self._say("rounds", facts, line=loop.line, first=2, last=len(rounds) + 1, values=said)
        return True

    def _over(self, names: Sequence[str], columns: Sequence[Mapping[str, Fact]]) -> Iterator[str]:
        """What is true of these variables in every round."""
        numbers = {name: found for name in names if (found := _numbers(name, columns))}
        steps = {name: _step(found) for name, found in numbers.items()}
        for name in names:
            step = steps.get(name)
            if step:
                first, last = numbers[name][0], numbers[name][-1]
                grows = "grows" if step > 0 else "falls"
                yield f"`{name}` {grows} by {abs(step)} each time, from `{first}` to `{last}`"
        for one, other in combinations(list(numbers), 2):
            sums = {a + b for a, b in zip(numbers[one], numbers[other], strict=True)}
            if len(sums) == 1:
                yield f"`{one} + {other}` is `{sums.pop()}` after each of them"
        for name in names:
            if not steps.get(name):
                values = [spoken(column[name]) for column in columns]
                shown = values if len(values) <= _LISTED else [*values[: _LISTED - 2], "…", values[-1]]
                yield f"`{name}` becomes {', then '.join(shown)}"

    def _learn(self, event: Event) -> list[tuple[str, Fact | None, Fact]]:
        """The variables that an event changes, each with the facts before and after."""
        found = []
        for name, shown in event["changes"].items():
            old = self.known.get(name)
            at = {"line": event["line"], "visit": event["visit"]}
            self.known[name] = {"event": "assign", **at, "name": name, **shown}
            found.append((name, old, self.known[name]))
        return found

    def _at(self, event: Event, name: str) -> Fact:
        at = {"line": event["line"], "visit": event["visit"]}
        self.known[name] = {"event": "assign", **at, "name": name, **value_of(self.known[name])}
        return self.known[name]

    def _code(self, line: int) -> str:
        node = self.owner.get(line)
        return (quoted(self.source, node) if node is not None else None) or "the statement"

    def _say(self, key: str, facts: list[Fact], **slots: object) -> None:
        self.rechecks.offer(self.teller, facts)
        text = sentence(self.teller.voice(key, **slots))
        claim = Claim("execution", {"facts": facts})
        self.before = self.teller.say("step", claim, [premise(0), self.before], text=text)


def _effect(name: str, old: Fact | None, new: Fact) -> str:
    if old is None:
        return f"`{name}` is {spoken(new)}"
    return f"`{name}` goes from {spoken(old)} to {spoken(new)}"


def _numbers(name: str, columns: Sequence[Mapping[str, Fact]]) -> list[int]:
    """The values of a variable that is a whole number in all rounds; nothing for another."""
    texts = [str(column[name].get("value", "")) for column in columns]
    return [int(text) for text in texts] if all(text.lstrip("-").isdecimal() for text in texts) else []


def _step(values: Sequence[int]) -> int:
    """By how much they grow each time; 0 where that differs."""
    steps = {after - before for before, after in pairwise(values)}
    return steps.pop() if len(steps) == 1 else 0
