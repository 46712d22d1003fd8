"""Formulas as trees, by the syntax axioms of a database: `( ph -> ps )` is `("wi", "ph", "ps")`.

The databases are unambiguous (as their authors check), so a text has one tree or none. Productions may begin with what
they make (`A '`), but not by way of another type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

Tree: TypeAlias = "str | tuple[Tree, ...]"
"""A variable, or the label of a syntax axiom with what its variables stand for, in the order in which they occur."""

MAX_DEPTH = 150
"""Of a formula that is read: Python's own recursion must not be what ends it, here or where trees are compared. No
database has more than 40."""
MAX_CALLS = 500
"""Of the parser's own methods, one within the other: a formula of many parts needs more of them for each level than a
simple one."""


class Production(NamedTuple):
    """A syntax axiom. `symbols`: constants, and variables by name; `types`: the typecode of each variable."""

    label: str
    type: str
    symbols: tuple[str, ...]
    types: Mapping[str, str]


class _Node:
    """What may come next: a constant, or something of a type; and which production ends here."""

    __slots__ = ("constants", "production", "types")

    def __init__(self) -> None:
        self.constants: dict[str, _Node] = {}
        self.types: dict[str, _Node] = {}
        self.production: Production | None = None


class Grammar:
    """`types`: the typecode of each variable that formulas may have."""

    def __init__(self, productions: Iterable[Production], types: Mapping[str, str]) -> None:
        self.productions = {each.label: each for each in productions}
        self.types = types
        self._roots: dict[str, _Node] = {}
        for each in self.productions.values():
            node = self._roots.setdefault(each.type, _Node())
            for symbol in each.symbols:
                kind = each.types.get(symbol)
                node = (node.constants if kind is None else node.types).setdefault(
                    symbol if kind is None else kind, _Node()
                )
            node.production = each

    def parse(self, kind: str, symbols: Sequence[str]) -> Tree | None:
        """The tree of a text of a type; None where it has none, or is nested too deeply."""
        tree = _Parser(self, symbols).whole(kind)
        return tree if tree is not None and _depth(tree) <= MAX_DEPTH else None

    def tokens(self, tree: Tree) -> list[str]:
        """The text of a tree."""
        found: list[str] = []
        self._write(tree, found)
        return found

    def _write(self, tree: Tree, found: list[str]) -> None:
        if isinstance(tree, str):
            found.append(tree)
            return
        production, at = self.productions[str(tree[0])], 1
        for symbol in production.symbols:
            if symbol in production.types:
                self._write(tree[at], found)
                at += 1
            else:
                found.append(symbol)

    def type_of(self, tree: Tree) -> str:
        return self.types[tree] if isinstance(tree, str) else self.productions[str(tree[0])].type


class _Parser:
    """One text. `known`: by type and place, the tree for each end that is possible."""

    def __init__(self, grammar: Grammar, symbols: Sequence[str]) -> None:
        self.grammar, self.symbols = grammar, symbols
        self.known: dict[tuple[str, int], dict[int, Tree]] = {}
        self.calls = 0

    def whole(self, kind: str) -> Tree | None:
        return self._at(kind, 0).get(len(self.symbols))

    def _at(self, kind: str, at: int) -> dict[int, Tree]:
        key = (kind, at)
        if key in self.known:
            return self.known[key]
        found: dict[int, Tree] = {}
        self.known[key] = found
        if at >= len(self.symbols) or self.calls > MAX_CALLS:
            return found
        self.calls += 1
        symbol = self.symbols[at]
        if self.grammar.types.get(symbol) == kind:
            found[at + 1] = symbol
        root = self.grammar._roots.get(kind)
        if root is not None:
            if symbol in root.constants:
                self._extend(root.constants[symbol], at + 1, [], found)
            for first, node in root.types.items():
                if first != kind:
                    for end, tree in list(self._at(first, at).items()):
                        self._extend(node, end, [tree], found)
            if kind in root.types:
                self._grow(root.types[kind], found)
        self.calls -= 1
        return found

    def _grow(self, node: _Node, found: dict[int, Tree]) -> None:
        """Productions that begin with what they make: from each tree that is found, further ones."""
        self.calls += 1
        waiting = list(found)
        while waiting:
            end = waiting.pop()
            more: dict[int, Tree] = {}
            self._extend(node, end, [found[end]], more)
            for further in more.keys() - found.keys():
                found[further] = more[further]
                waiting.append(further)
        self.calls -= 1

    def _extend(self, node: _Node | None, at: int, parts: list[Tree], found: dict[int, Tree]) -> None:
        self.calls += 1
        while node is not None and self.calls <= MAX_CALLS:
            if node.production is not None:
                found.setdefault(at, (node.production.label, *parts))
            if at >= len(self.symbols):
                break
            for kind, following in node.types.items():
                for end, tree in list(self._at(kind, at).items()):
                    self._extend(following, end, [*parts, tree], found)
            node, at = node.constants.get(self.symbols[at]), at + 1
        self.calls -= 1


def _depth(tree: Tree) -> int:
    """How many productions are one within the other at most; found without recursion."""
    depth, level = 0, [tree]
    while level := [part for one in level if not isinstance(one, str) for part in one[1:]]:
        depth += 1
    return depth


def match(pattern: Tree, tree: Tree, values: dict[str, Tree]) -> bool:
    """Whether a tree is an instance of a pattern, whose variables are filled into `values`."""
    if isinstance(pattern, str):
        return values.setdefault(pattern, tree) == tree
    if isinstance(tree, str) or tree[0] != pattern[0]:
        return False
    return all(match(one, other, values) for one, other in zip(pattern[1:], tree[1:], strict=True))


def filled(pattern: Tree, values: Mapping[str, Tree]) -> Tree:
    if isinstance(pattern, str):
        return values.get(pattern, pattern)
    return (pattern[0], *(filled(each, values) for each in pattern[1:]))


def variables(tree: Tree) -> set[str]:
    if isinstance(tree, str):
        return {tree}
    found: set[str] = set()
    for each in tree[1:]:
        found |= variables(each)
    return found
