"""A Metamath file read into a database, by the whole of the specification; what it does not allow is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

from tracemill.metamath.database import Assertion, Database, DistinctPair, Hypothesis, ScopeBlock, SymbolString, pair
from tracemill.metamath.keywords import KeywordEvent, events

_LABEL = re.compile(r"[A-Za-z0-9._-]+")


def read_database(path: Path) -> Database:
    """The database in a file. Proofs are kept as text; `proofs.check` looks at them.

    Raises:
        MetamathError: what the specification does not allow, with file and line.
    """
    return _Reader(path).read()


class _Reader:
    """`block` is the innermost open one; `floating` the active `$f` of each variable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = Database(path.name)
        self.block = ScopeBlock()
        self.number = 0
        self.floating: dict[str, Hypothesis] = {}
        self.active: set[str] = set()
        self.variables: set[str] = set()
        """All that were ever declared: a constant or a label is none of them."""

    def read(self) -> Database:
        stream = events(self.path)
        handlers: dict[str, Callable[[KeywordEvent, Iterator[KeywordEvent]], None]] = {
            "$c": self._constants,
            "$v": self._variables,
            "$f": self._floating,
            "$e": self._essential,
            "$d": self._distinct,
            "$a": self._axiom,
            "$p": self._theorem,
            "${": self._open,
            "$}": self._close,
        }
        event = None
        for event in stream:
            if event.keyword not in handlers:
                raise event.error(f"{event.keyword} outside a statement")
            handlers[event.keyword](event, stream)
        if self.block.outer is not None and event is not None:
            raise event.error("a block that is not closed at the end")
        return self.database

    def _open(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        _no_label(event)
        self.block = ScopeBlock(self.block)

    def _close(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        _no_label(event)
        if self.block.outer is None:
            raise event.error("$} without ${")
        for hypothesis in self.block.floating:
            del self.floating[hypothesis.formula[1]]
        self.active -= self.block.variables
        self.block = self.block.outer

    def _constants(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        _no_label(event)
        if self.block.outer is not None:
            raise event.error("$c within a block")
        for symbol in _some(event, _content(event, stream)):
            if symbol in self.database.constants or symbol in self.variables or symbol in self.database.statements:
                raise event.error(f"the symbol {symbol!r} is declared twice, or is a label")
            self.database.constants.add(symbol)

    def _variables(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        _no_label(event)
        for symbol in _some(event, _content(event, stream)):
            if symbol in self.database.constants or symbol in self.active or symbol in self.database.statements:
                raise event.error(f"the symbol {symbol!r} is declared twice, or is a label")
            self.block.variables.add(symbol)
            self.active.add(symbol)
            self.variables.add(symbol)

    def _floating(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        formula = tuple(_content(event, stream))
        if len(formula) != 2 or formula[0] not in self.database.constants or formula[1] not in self.active:
            raise event.error("$f is not a constant and an active variable")
        kind, variable = formula
        if variable in self.floating or self.database.types.setdefault(variable, kind) != kind:
            raise event.error(f"the variable {variable!r} has a type already")
        hypothesis = Hypothesis(self._label(event), "$f", formula, self._next(), self.block)
        self.floating[variable] = hypothesis
        self.block.floating.append(hypothesis)
        self.database.statements[hypothesis.label] = hypothesis

    def _essential(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        formula = self._formula(event, _content(event, stream))
        hypothesis = Hypothesis(self._label(event), "$e", formula, self._next(), self.block)
        self.block.essential.append(hypothesis)
        self.database.statements[hypothesis.label] = hypothesis

    def _distinct(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        _no_label(event)
        symbols = _content(event, stream)
        if len(symbols) < 2 or len(set(symbols)) < len(symbols) or not self.active.issuperset(symbols):
            raise event.error("$d is not two or more different active variables")
        self.block.distinct.update(pair(*two) for two in combinations(symbols, 2))

    def _axiom(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        self._assert(event, self._formula(event, _content(event, stream)), "")

    def _theorem(self, event: KeywordEvent, stream: Iterator[KeywordEvent]) -> None:
        formula = self._formula(event, _content(event, stream, "$="))
        proof = _content(event, stream)
        if not proof:
            raise event.error("a proof of nothing; `?` is one that is not known yet")
        self._assert(event, formula, " ".join(proof))

    def _assert(self, event: KeywordEvent, formula: SymbolString, proof: str) -> None:
        blocks = _chain(self.block)
        essential = [each for block in blocks for each in block.essential]
        variables = {symbol for each in essential for symbol in each.formula if symbol in self.active}
        variables.update(symbol for symbol in formula if symbol in self.active)
        hypotheses = [*(self.floating[variable] for variable in variables), *essential]
        pairs: set[DistinctPair] = set().union(*(block.distinct for block in blocks))
        mandatory = frozenset(two for two in pairs if two[0] in variables and two[1] in variables)
        label = self._label(event)
        self.database.statements[label] = Assertion(
            label,
            "$p" if proof else "$a",
            formula,
            tuple(sorted(hypotheses, key=lambda each: each.number)),
            mandatory,
            self._next(),
            self.block,
            event.place,
            event.comment,
            proof,
            frozenset(pairs - mandatory) if proof else frozenset(),
        )

    def _formula(self, event: KeywordEvent, symbols: list[str]) -> SymbolString:
        if not symbols or symbols[0] not in self.database.constants:
            raise event.error("a formula begins with a constant")
        for symbol in symbols:
            if symbol not in self.floating and symbol not in self.database.constants:
                what = "has no type ($f) here" if symbol in self.active else "is not declared here"
                raise event.error(f"the symbol {symbol!r} {what}")
        return tuple(symbols)

    def _label(self, event: KeywordEvent) -> str:
        if len(event.words) != 1:
            raise event.error(f"{event.keyword} needs one label before it; found {' '.join(event.words) or 'none'}")
        label = event.words[0]
        if not _LABEL.fullmatch(label):
            raise event.error(f"the label {label!r} has other characters than letters, digits, '-', '_' and '.'")
        if label in self.database.statements or label in self.database.constants or label in self.variables:
            raise event.error(f"the label {label!r} is taken")
        return label

    def _next(self) -> int:
        self.number += 1
        return self.number


def _content(event: KeywordEvent, stream: Iterator[KeywordEvent], end: str = "$.") -> list[str]:
    """The words up to the keyword that ends them."""
    closing = next(stream, None)
    if closing is None or closing.keyword != end:
        raise event.error(f"{event.keyword} is not ended by {end}")
    return closing.words


def _some(event: KeywordEvent, symbols: list[str]) -> list[str]:
    if not symbols:
        raise event.error(f"{event.keyword} declares nothing")
    return symbols


def _no_label(event: KeywordEvent) -> None:
    if event.words:
        raise event.error(f"{' '.join(event.words)!r} before {event.keyword}")


def _chain(block: ScopeBlock | None) -> list[ScopeBlock]:
    """A block and those around it, the outermost first."""
    found = []
    while block is not None:
        found.append(block)
        block = block.outer
    return found[::-1]
