"""Arithmetic as people write it, read by our own grammar and computed exactly: `48/2`, `.5*4`, `5(3)`, `20% of $1,234`.

Bounds hold before anything is computed, so that `9**9**9**9` costs microseconds in any thread. What has two readings is
refused rather than guessed: `6/2(3)`, `7%3`, `7//2`, `1,23`, `0^0`, `100-5%`.

    sum     = product (("+" | "-") product)*
    product = signed (("*" | "/" | "//" | "of" | nothing) signed)*     "nothing" only before a name or "("
    signed  = ("+" | "-") signed | power
    power   = postfix (("^" | "**") signed)?
    postfix = atom "%"*
    atom    = number | mixed number "1 1/2" | name | function "(" sum ")" | "(" sum ")"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

MAX_CHARACTERS = 1_000
MAX_TOKENS = 200
MAX_DEPTH = 40
MAX_BITS = 8_192
"""Of a numerator or denominator."""

FUNCTIONS = frozenset({"sqrt", "abs", "exp", "ln", "sin", "cos", "tan"})
CONSTANTS = frozenset({"pi"})

_GROUPED = r"[1-9]\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d*)?"
_NUMBER = rf"{_GROUPED}|\d+\.?\d*|\.\d+"
_TOKEN = re.compile(rf"\s*(?:(?P<number>{_NUMBER})|(?P<name>[A-Za-z]+)|(?P<operator>\*\*|//|[-+*/^()%]))", re.ASCII)
_MIXED = re.compile(r"(^\s*|[-+*(]\s*)(\d+)\s+(\d+)\s*/\s*(\d+)(?![\d.,]|\s*[/^(])", re.ASCII)
_SAME = str.maketrans("×·⋅∙∗÷−–", "*****/--")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_EXPONENT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
CURRENCY = re.compile(r"[$€£]")
_TIMES = re.compile(r"(?<=[\d.)%])\s*[xX]\s*(?=[\d.(])", re.ASCII)


class Unreadable(ValueError):
    """Not in the grammar, or it has two readings."""


class TooLarge(ArithmeticError):
    """Beyond the bounds."""


class Undefined(ArithmeticError):
    """Divides by zero."""


class Irrational(ArithmeticError):
    """Has letters, or a root: no rational number that exact arithmetic gives."""


class Node(NamedTuple):
    """`op` is `number`, `name`, a function's name or one of `+ - * / // ^ neg`. `percent`: a percentage, or a sum of
    such."""

    op: str
    args: tuple[Node, ...] = ()
    value: Fraction = Fraction(0)
    name: str = ""
    percent: bool = False


def parse(text: str, times: bool = True) -> Node:
    """The tree of an expression. `times`: whether an `x` between two numbers is a multiplication sign.

    Raises:
        Unreadable, TooLarge
    """
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(f"{len(text)} characters; at most {MAX_CHARACTERS} are read")
    plain = _EXPONENT.sub(lambda m: "^" + m[0].translate(_RAISED), CURRENCY.sub(" ", text.translate(_SAME)))
    parser = _Parser(_tokens(_TIMES.sub("*", plain) if times else plain))
    tree = parser.sum(0)
    if parser.token:
        raise Unreadable(f"{parser.token!r} was not expected")
    return tree


def parse_sides(lhs: str, rhs: str) -> tuple[Node, Node]:
    """Both sides of an equation, with one reading of `x`: a multiplication sign unless it occurs as a letter too.

    Raises:
        Unreadable, TooLarge
    """
    left, right = parse(lhs), parse(rhs)
    if {"x", "X"} & (variables(left) | variables(right)):
        return parse(lhs, times=False), parse(rhs, times=False)
    return left, right


def evaluate(node: Node) -> Fraction:
    """The exact value.

    Raises:
        Irrational, Undefined, TooLarge, Unreadable (`0^0`, `7//2`)
    """
    return combined(node, [evaluate(arg) for arg in node.args])


def combined(node: Node, values: Sequence[Fraction]) -> Fraction:
    """The exact value of a node whose operands have these values.

    Raises:
        As `evaluate`.
    """
    match node.op:
        case "number":
            return node.value
        case "neg":
            return -values[0]
        case "+" | "-" | "*" | "/" | "//" | "^":
            return _bounded(_power(*values) if node.op == "^" else _combine(node.op, *values))
    raise Irrational(node.name or node.op)


def variables(node: Node) -> set[str]:
    """The names in the tree that are no constants."""
    own = {node.name} if node.op == "name" and node.name not in CONSTANTS else set()
    return own.union(*(variables(arg) for arg in node.args))


def _tokens(text: str) -> list[str]:
    """Numbers, names and operators; a mixed number becomes `(1+1/2)`."""
    text = _MIXED.sub(lambda m: f"{m[1]}({m[2]}+{m[3]}/{m[4]})" if int(m[3]) < int(m[4]) else m[0], text).rstrip()
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise Unreadable(f"{text[at:].strip()[:1]!r} is not arithmetic")
        tokens.append(match[match.lastgroup or 0])
        at = match.end()
    if len(tokens) > MAX_TOKENS:
        raise TooLarge(f"{len(tokens)} tokens; at most {MAX_TOKENS} are read")
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def token(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self.token
        self._at += 1
        return token

    def sum(self, depth: int) -> Node:
        left = self._product(depth)
        while self.token in ("+", "-"):
            op = self._take()
            right = self._product(depth)
            # Of one whole, both readings are the same.
            if right.percent and not left.percent and left.value != 1:
                raise Unreadable("a percentage added to what is none has two readings")
            left = Node(op, (left, right), percent=left.percent and right.percent)
        return left

    def _product(self, depth: int) -> Node:
        left, divided = self._signed(depth), False
        while True:
            if self.token in ("*", "/", "//", "of"):
                op = self._take().replace("of", "*")
                left, divided = Node(op, (left, self._signed(depth))), op != "*"
            elif self.token == "(" or self.token.isalpha():
                if divided:
                    raise Unreadable(f"a product after a division without a sign has two readings (at {self.token!r})")
                left = Node("*", (left, self._power(depth)))
            else:
                return left

    def _signed(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise TooLarge(f"nested deeper than {MAX_DEPTH}")
        if self.token == "-":
            self._take()
            return Node("neg", (self._signed(depth + 1),))
        if self.token == "+":
            self._take()
            return self._signed(depth + 1)
        return self._power(depth)

    def _power(self, depth: int) -> Node:
        base = self._atom(depth)
        while self.token == "%":
            self._take()
            base = Node("/", (base, Node("number", value=Fraction(100))), percent=True)
            if self.token[:1].isdigit() or self.token[:1] in (".", "("):
                raise Unreadable("'%' before a number has two readings")
        if self.token in ("^", "**"):
            self._take()
            return Node("^", (base, self._signed(depth + 1)))
        return base

    def _atom(self, depth: int) -> Node:
        token = self._take()
        if token == "(":
            return self._closed(depth)
        if token[:1].isdigit() or token[:1] == ".":
            return Node("number", value=Fraction(token.replace(",", "")))
        if token in FUNCTIONS and self.token == "(":
            self._take()
            return Node(token, (self._closed(depth),))
        if token in CONSTANTS or (token.isalpha() and len(token) == 1):
            return Node("name", name=token)
        raise Unreadable(f"{token!r} is not arithmetic" if token else "it ends too early")

    def _closed(self, depth: int) -> Node:
        inner = self.sum(depth + 1)
        if self._take() != ")":
            raise Unreadable("')' is missing")
        return inner


def _combine(op: str, left: Fraction, right: Fraction) -> Fraction:
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if right == 0:
        raise Undefined("divides by zero")
    if op == "//" and (left / right).denominator != 1:
        raise Unreadable("'//' of numbers that do not divide has two readings")
    return left / right


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise Irrational("a root")
    if base == 0 and exponent <= 0:
        raise Unreadable("0^0 has no agreed value") if exponent == 0 else Undefined("divides by zero")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent) * bits > MAX_BITS:
        raise TooLarge(f"a power of more than {MAX_BITS} bits")
    return base ** int(exponent)


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise TooLarge(f"a number of more than {MAX_BITS} bits")
    return value
