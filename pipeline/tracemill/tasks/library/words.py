"""What one event is told as: a clause without its capital and full stop, and the facts that it states.

The wording varies with `rng`; what it states does not. Facts are those of `tracemill.claims.execution.checker`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from tracemill.tasks.library.events import Event, Shown, value_of

Fact: TypeAlias = dict[str, Any]

MAX_CODE = 72
"""Code longer than this is described, not quoted."""
MAX_KNOWN = 32
"""Values longer than this are not put into a reason."""
MAX_REASONS = 3
"""A condition over more names than these is told without a reason: a part of one would not explain it."""

_SIMPLE = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Name, ast.Constant, ast.operator, ast.unaryop)
_SIMPLER = (*_SIMPLE, ast.cmpop, ast.boolop, ast.expr_context)


@dataclass(frozen=True, slots=True)
class Clause:
    text: str
    facts: tuple[Fact, ...]


@dataclass(slots=True)
class Words:
    """Tells single events of one execution of `source`; `state` are the variables as told so far."""

    source: str
    owner: dict[int, ast.stmt]
    rng: Random
    state: dict[str, Shown] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    """Names whose value the present paragraph has told already."""
    gives: bool = False
    """Whether the function has yielded a value."""

    def code(self, node: ast.AST) -> str:
        """The code of a node as it stands in the source, if that is one line."""
        segment = ast.get_source_segment(self.source, node)
        return segment if segment and "\n" not in segment else ast.unparse(node)

    def quoted(self, node: ast.AST) -> str | None:
        """The code in backticks, if it is short enough to quote."""
        code = self.code(node)
        return f"`{code}`" if len(code) <= MAX_CODE and "\n" not in code and "`" not in code else None

    def imported(self, events: Iterable[Event]) -> Clause:
        """`run` events of imports that follow each other."""
        names: list[str] = []
        facts: list[Fact] = []
        for event in events:
            self.state.update(event["changes"])
            at = {"line": event["line"], "visit": event["visit"]}
            facts += [{"event": "assign", **at, "name": name, **self.state[name]} for name in event["changes"]]
            facts += [] if event["changes"] else [{"event": "run", **at}]
            names += event["changes"]
        self.said.update(names)
        many = "imports bind" if len(facts) > 1 else "import binds"
        return Clause(f"the {many} {listed(f'`{name}`' for name in names) if names else 'nothing new'}", tuple(facts))

    def statement(self, event: Event) -> Clause | None:
        """A `run` event. None where there is nothing to say: the `return` and `yield` events tell those."""
        node = self.owner[event["line"]]
        old = dict(self.state)
        self.state.update(event["changes"])
        if isinstance(node, ast.Return) or _is_yield(node):
            return None
        named = [name for name in _targets(node) if name in self.state]
        named += [name for name in event["changes"] if name not in named]
        if not named:
            fact = {"event": "run", "line": event["line"], "visit": event["visit"]}
            return Clause(self._without_effect(node), (fact,))
        facts = tuple(
            {"event": "assign", "line": event["line"], "visit": event["visit"], "name": name, **self.state[name]}
            for name in named
        )
        text = self._assigned(node, named, old)
        self.said.update(named)
        return Clause(text, facts)

    def decision(self, event: Event) -> Clause:
        """A `test` event of an `if`."""
        node = self.owner[event["line"]]
        assert isinstance(node, ast.If)
        self.state.update(event["changes"])
        taken = event["taken"]
        fact = {"event": "branch", "line": event["line"], "visit": event["visit"], "taken": taken}
        condition = self._condition(node.test, taken, "condition")
        return Clause(f"{condition}, {self._consequence(node, taken)}", (fact,))

    def held(self, event: Event) -> Clause:
        """A `test` event of a `while`."""
        node = self.owner[event["line"]]
        assert isinstance(node, ast.While)
        self.state.update(event["changes"])
        fact = {"event": "branch", "line": event["line"], "visit": event["visit"], "taken": event["taken"]}
        return Clause(self._condition(node.test, event["taken"], "loop condition"), (fact,))

    def taken_item(self, event: Event) -> Clause:
        """A `round` event of a `for`: what its names are now."""
        node = self.owner[event["line"]]
        assert isinstance(node, ast.For)
        self.state.update(event["changes"])
        at = {"line": event["line"], "visit": event["visit"]}
        names = [name for name in _names(node.target) if name in self.state]
        if not names:
            return Clause("the next item is taken", ({"event": "run", **at},))
        facts = tuple({"event": "assign", **at, "name": name, **self.state[name]} for name in names)
        return Clause(listed(self.is_(name) for name in names), facts)

    def returned(self, event: Event) -> Clause:
        node = self.owner.get(event["line"])
        value = spoken(value_of(event))
        fact = {"event": "return", **value_of(event)}
        if not isinstance(node, ast.Return) and self.gives:
            return Clause("the generator is exhausted", (fact,))
        if not isinstance(node, ast.Return):
            return Clause(f"the function has come to its end, so its return value is {value}", (fact,))
        code = self.quoted(node)
        if code is None or node.value is None or self._literally(node.value, fact):
            return Clause(self.rng.choice([f"the function returns {value}", f"so {value} is returned"]), (fact,))
        forms = [f"{code} hands back {value}", f"{code} gives {value}", f"{code} ends the call with {value}"]
        return Clause(self._filled(node.value, self.state) + self.rng.choice(forms), (fact,))

    def yielded(self, event: Event) -> Clause:
        self.gives = True
        value = spoken(value_of(event))
        fact = {"event": "yield", "visit": event["visit"], **value_of(event)}
        forms = [f"the generator hands out {value}", f"{value} is yielded", f"it yields {value}"]
        return Clause(self.rng.choice(forms), (fact,))

    def is_(self, name: str) -> str:
        self.said.add(name)
        return f"`{name}` is {spoken(self.state[name])}"

    def _literally(self, node: ast.expr, shown: Shown) -> bool:
        """Whether the code is the value itself, so that there is nothing to compute."""
        return isinstance(node, ast.Constant) or ast.unparse(node) == shown.get("value")

    def _assigned(self, node: ast.stmt, named: list[str], old: dict[str, Shown]) -> str:
        code = self.quoted(node)
        if isinstance(node, ast.AugAssign) and len(named) == 1:
            before, now = old.get(named[0]), spoken(self.state[named[0]])
            if before == self.state[named[0]]:
                return f"{code or 'the next statement'} leaves `{named[0]}` at {now}"
            came = f" from {spoken(before)}" if before and _short(before) else ""
            return f"{code or 'the next statement'} takes `{named[0]}`{came} to {now}"
        targets = _targets(node)
        if isinstance(node, ast.Assign | ast.AnnAssign) and targets and set(named) == set(targets):
            return self._bound(node, named, code, old)
        effects = listed(f"`{name}` as {spoken(self.state[name])}" for name in named)
        return f"{code or 'the next statement'} leaves {effects}"

    def _bound(
        self, node: ast.Assign | ast.AnnAssign, named: list[str], code: str | None, old: dict[str, Shown]
    ) -> str:
        if len(named) > 1:
            pairs = listed(f"`{name}` {spoken(self.state[name])}" for name in named)
            return f"{code} makes {pairs}" if code else f"the next assignment makes {pairs}"
        name, value = named[0], spoken(self.state[named[0]])
        if node.value and self._literally(node.value, self.state[name]):
            first = name not in old
            return f"`{name}` {self.rng.choice(['starts as', 'begins as']) if first else 'is set to'} {value}"
        if code is None:
            return f"`{name}` becomes {value}"
        reason = self._filled(node.value, old) if node.value else ""
        if reason:
            return f"{reason}`{name}` becomes {value}"
        forms = [f"{code} makes `{name}` {value}", f"with {code}, `{name}` is {value}"]
        forms += [f"{code} gives `{name}` the value {value}"] if "value" in self.state[name] else []
        return self.rng.choice(forms)

    def _filled(self, node: ast.expr, state: dict[str, Shown]) -> str:
        """`a % b` is 7 % 3, so … – where the names' values are short enough to be put in."""
        if isinstance(node, ast.Name | ast.Constant) or not _is_simple(node):
            return ""
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        known = {name: state[name] for name in names if name in state and _number(state[name])}
        if not names or len(known) < len(names):
            return ""
        code, filled = self.code(node), ast.unparse(_Filler(known).visit(ast.parse(ast.unparse(node), mode="eval")))
        if len(code) > MAX_CODE or len(filled) > MAX_CODE:
            return ""
        return self.rng.choice([f"`{code}` is `{filled}`, so ", f"`{code}` comes to `{filled}`, and so "])

    def _condition(self, test: ast.expr, taken: bool, noun: str) -> str:
        quote = self.quoted(test) or ""
        verdict = self.rng.choice(["is true", "holds"] if taken else ["is false", "does not hold", "fails"])
        filled = self._filled(test, self.state)
        if filled and self.rng.random() < 0.7:
            return f"{filled}the {noun} {verdict}"
        read = [name for name in _names_read(test) if name in self.state]
        telling = [name for name in read if self._explains(name)]
        if not telling or len(read) > MAX_REASONS:
            return f"the {noun} {quote} {verdict}" if quote else f"the next {noun} {verdict}"
        why = listed(self.is_(name) for name in telling)
        if not quote or isinstance(test, ast.Name):
            return f"{why}, and so the {noun} {verdict}"
        return self.rng.choice([f"{why}, so {quote} {verdict}", f"since {why}, the {noun} {quote} {verdict}"])

    def _explains(self, name: str) -> bool:
        return name in self.state and name not in self.said and _short(self.state[name])

    def _consequence(self, node: ast.If, taken: bool) -> str:
        if taken:
            first = node.body[0]
            if isinstance(first, ast.Return):
                return self.rng.choice(["and the function returns here", "and this is where it returns"])
            return self.rng.choice(["and its block runs", "and we go into that branch", "and we go in"])
        if not node.orelse:
            return self.rng.choice(
                ["and its block is skipped", "and nothing in that branch happens", "and we pass it by"]
            )
        # An `if` alone in an `else` has the same tree as an `elif`, but stands further in.
        if isinstance(node.orelse[0], ast.If) and node.orelse[0].col_offset == node.col_offset:
            return self.rng.choice(["and the next test decides", "and the `elif` is asked"])
        return self.rng.choice(["and the `else` part runs", "which leaves the `else` branch"])

    def _without_effect(self, node: ast.stmt) -> str:
        code = self.quoted(node)
        if isinstance(node, ast.Continue):
            return "`continue` ends this round early"
        if isinstance(node, ast.Break):
            return "`break` leaves the loop"
        if isinstance(node, ast.Pass):
            return "`pass` does nothing"
        if isinstance(node, ast.Assert):
            return f"the assertion {code} holds" if code else "the assertion holds"
        thing = code or "the next statement"
        return self.rng.choice(
            [f"{thing} runs and rebinds none of the variables", f"{thing} runs, which binds no name anew"]
        )


class _Filler(ast.NodeTransformer):
    def __init__(self, known: dict[str, Shown]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.known[node.id]["value"], mode="eval").body


def spoken(shown: Shown) -> str:
    if "value" in shown:
        return f"`{shown['value']}`" if "`" not in shown["value"] else shown["value"]
    name = shown["type"]
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} `{name}` object"


def listed(items: Iterable[str]) -> str:
    parts = list(items)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _short(shown: Shown) -> bool:
    return "value" in shown and len(shown["value"]) <= MAX_KNOWN


def _number(shown: Shown) -> bool:
    return "value" in shown and len(shown["value"]) <= 12 and shown["value"].lstrip("-").isdecimal()


def _is_simple(node: ast.expr) -> bool:
    return all(isinstance(n, _SIMPLER) for n in ast.walk(node))


def _is_yield(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield)


def _targets(node: ast.stmt) -> list[str]:
    """The plain names that a statement binds, in the order of its text."""
    if isinstance(node, ast.Assign):
        return [name for target in node.targets for name in _names(target)]
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return _names(node.target)
    return []


def _names(target: ast.expr) -> list[str]:
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Starred):
        return _names(target.value)
    if isinstance(target, ast.Tuple | ast.List):
        return [name for item in target.elts for name in _names(item)]
    return []


def _names_read(node: ast.expr) -> list[str]:
    found = (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return list(dict.fromkeys(found))
