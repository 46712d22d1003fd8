r"""Expressions: the trees of numbers, letters and functions that an answer is made of, and the parser that makes them.

The parser accounts for every token of its text. What has two readings is refused rather than guessed: `8 9`, `2(40)`,
`1/2x`, `2\frac{5}{2}`, `x'`. Bounds on length and depth hold before anything is computed.

    sum     = product (("+" | "-") product)*
    product = signed (("*" | "/" | nothing) signed)*
    power   = postfix ("^" exponent)*
    postfix = atom "!"*
    atom    = number | name | function argument | \frac, \sqrt, \binom, \log_b | "(" sum ")" | "|" sum "|"
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from tracemill.verifiers.answer.grammar.tokenizer import Token, UnreadableAnswer, closing

MAX_DEPTH = 30
FUNCTIONS = frozenset(
    {
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "ln",
        "log",
        "lg",
        "exp",
    }
)
_INVERSE = {"sin": "arcsin", "cos": "arccos", "tan": "arctan"}


class Expression(NamedTuple):
    """`op` is `number`, `name`, a function's name, or one of `+ - * / ^ neg ! abs root log_base binom`."""

    op: str
    args: tuple[Expression, ...] = ()
    value: Fraction = Fraction(0)
    name: str = ""


def number(value: Fraction | int) -> Expression:
    return Expression("number", value=Fraction(value))


_DEGREE = Expression("/", (Expression("name", name="pi"), number(180)))


def names_in(term: Expression) -> set[str]:
    """The letters of a term, constants aside."""
    own = {term.name} if term.op == "name" and term.name not in ("pi", "e", "i") else set()
    return own.union(*(names_in(arg) for arg in term.args))


def has_pi(term: Expression) -> bool:
    return term.name == "pi" or any(map(has_pi, term.args))


def has_op(term: Expression, ops: frozenset[str] | set[str]) -> bool:
    return term.op in ops or any(has_op(arg, ops) for arg in term.args)


def parse_expression(tokens: list[Token]) -> Expression:
    """The term that `tokens` are, all of them.

    Raises:
        UnreadableAnswer
    """
    parser = _Parser(tokens)
    term = parser.sum(0)
    if parser.token.kind != "end":
        raise UnreadableAnswer(f"{parser.token.text!r} was not expected")
    return term


_END = Token("end", "")


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._in_bars = False

    @property
    def token(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _is(self, *texts: str) -> bool:
        return self.token.kind == "mark" and self.token.text in texts

    def _take(self) -> Token:
        token = self.token
        self._at += 1
        return token

    def _expect(self, mark: str) -> None:
        if not self._is(mark):
            raise UnreadableAnswer(f"{mark!r} is missing")
        self._at += 1

    def sum(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise UnreadableAnswer(f"nested deeper than {MAX_DEPTH}")
        left = self._product(depth)
        while self._is("+", "-"):
            op = self._take().text
            left = Expression(op, (left, self._product(depth)))
        return left

    def _product(self, depth: int) -> Expression:
        left, divided, last = self._signed(depth), False, self._previous()
        while True:
            if self._is("*", "/"):
                op = self._take().text
                left, divided = Expression(op, (left, self._signed(depth))), op == "/"
            elif self._begins_factor():
                right_at = self._at
                right = self._power(depth)
                if divided:
                    raise UnreadableAnswer("a product after a division without a sign has two readings")
                left = self._side_by_side(left, right, last, right_at)
            else:
                return left
            last = self._previous()

    def _previous(self) -> Token:
        return self._tokens[self._at - 1]

    def _side_by_side(self, left: Expression, right: Expression, last: Token, at: int) -> Expression:
        """A product without a sign. Of numbers alone it has two readings, but for `2\\frac{1}{2}` and `2 1/2`."""
        if last.kind != "number" and not (right.op == "number" and self._tokens[at].kind == "number"):
            return Expression("*", (left, right))
        if self._tokens[at].text == "\\frac" and last.kind == "number":
            return _mixed(left, right)
        if self._tokens[at].kind == "number" and last.kind == "number" and self._is("/"):
            self._take()
            under = self._take()
            if under.kind == "number":
                return _mixed(left, Expression("/", (right, number(under.value))))
        if self._tokens[at].kind == "number" or (_is_plain(right) and self._tokens[at].text in ("(", "[", "{")):
            raise UnreadableAnswer("numbers side by side")
        return Expression("*", (left, right))

    def _begins_factor(self) -> bool:
        token = self.token
        if token.kind in ("number", "name", "function"):
            return True
        opens = ("(", "[", "{", "\\frac", "\\sqrt", "\\binom", *(() if self._in_bars else ("|",)))
        return token.kind == "mark" and token.text in opens

    def _signed(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise UnreadableAnswer(f"nested deeper than {MAX_DEPTH}")
        if self._is("-"):
            self._take()
            term = self._signed(depth + 1)
            return number(-term.value) if term.op == "number" else Expression("neg", (term,))
        if self._is("+"):
            self._take()
            return self._signed(depth + 1)
        return self._power(depth)

    def _power(self, depth: int) -> Expression:
        base = self._atom(depth)
        while True:
            if self._is("!"):
                self._take()
                base = Expression("!", (base,))
            elif self._is("^"):
                self._take()
                if self._is("\\circ"):
                    self._take()
                    base = Expression("*", (base, _DEGREE))
                    continue
                exponent = self._exponent(depth)
                if exponent.name == "T":
                    raise UnreadableAnswer("a power, or a transposed matrix")
                base = Expression("^", (base, exponent))
                if self._is("^"):
                    raise UnreadableAnswer("a power of a power without brackets")
                return base
            else:
                return base

    def _exponent(self, depth: int) -> Expression:
        if self._is("{"):
            return self._bracketed(depth)
        if self._is("-", "+"):
            return self._signed(depth + 1)
        token = self.token
        if token.kind == "number" and token.single:
            # `x^10` is x^1 0 to LaTeX and x^10 to everybody who types it.
            self._take()
            return number(token.value)
        power = self._atom(depth)
        if self._is("^"):
            self._take()
            return Expression("^", (power, self._exponent(depth + 1)))
        return power

    def _atom(self, depth: int) -> Expression:
        token = self._take()
        if token.kind == "number":
            return number(token.value)
        if token.kind == "name":
            return Expression("name", name=token.text)
        if token.kind == "function":
            return self._function(token.text, depth)
        if token.kind != "mark":
            raise UnreadableAnswer(f"{token.text!r} is no expression" if token.text else "it ends too early")
        if token.text in ("(", "[", "{"):
            self._at -= 1
            return self._bracketed(depth)
        if token.text == "|":
            outer, self._in_bars = self._in_bars, True
            inner = self.sum(depth + 1)
            self._in_bars = outer
            self._expect("|")
            return Expression("abs", (inner,))
        if token.text == "\\frac":
            over, under = self._argument(depth), self._argument(depth)
            return Expression("/", (over, under))
        if token.text == "\\binom":
            return Expression("binom", (self._argument(depth), self._argument(depth)))
        if token.text == "\\sqrt":
            return self._root(depth)
        raise UnreadableAnswer(f"{token.text!r} was not expected")

    def _bracketed(self, depth: int) -> Expression:
        left = self._take().text
        inner = self.sum(depth + 1)
        self._expect(closing(left))
        return inner

    def _argument(self, depth: int) -> Expression:
        """Of a command: a group in braces, or one digit or letter."""
        if self._is("{"):
            return self._bracketed(depth + 1)
        token = self._take()
        if token.kind == "number" and token.value.denominator == 1 and token.value >= 0 and token.single:
            digits = token.text
            if len(digits) > 1:
                # `\frac12`: the first digit alone is the argument.
                self._at -= 1
                rest = Token("number", digits[1:], Fraction(int(digits[1:])), single=True)
                self._tokens = [*self._tokens[: self._at], rest, *self._tokens[self._at + 1 :]]
            return number(int(digits[0]))
        if token.kind == "name":
            return Expression("name", name=token.text)
        if token.text in ("\\frac", "\\sqrt", "\\binom"):
            self._at -= 1
            return self._atom(depth + 1)
        raise UnreadableAnswer("an argument is missing")

    def _root(self, depth: int) -> Expression:
        degree = number(2)
        if self._is("["):
            degree = self._bracketed(depth)
        if self._is("("):
            return _rooted(self._bracketed(depth), degree)
        if self.token.kind == "number":
            return Expression("root", (number(self._take().value), degree))
        return _rooted(self._argument(depth), degree)

    def _function(self, name: str, depth: int) -> Expression:
        power: Expression | None = None
        base: Expression | None = None
        if name == "log" and self._is("_"):
            self._take()
            base = self._argument(depth)
        if self._is("^"):
            self._take()
            power = self._exponent(depth)
            if power == number(-1):
                if name not in _INVERSE:
                    raise UnreadableAnswer(f"{name}^-1 has two readings")
                name, power = _INVERSE[name], None
        argument = self._operand(depth)
        term = Expression("log_base", (argument, base)) if base else Expression(name, (argument,))
        return Expression("^", (term, power)) if power else term

    def _operand(self, depth: int) -> Expression:
        """Of a function: what stands in brackets, or a product up to the next sign or function."""
        if depth > MAX_DEPTH:
            raise UnreadableAnswer(f"nested deeper than {MAX_DEPTH}")
        if self._is("(", "[", "{"):
            return self._bracketed(depth)
        term = self._power(depth + 1)
        while self.token.kind == "name" or self._is("\\frac", "\\sqrt"):
            term = Expression("*", (term, self._power(depth + 1)))
        following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else _END
        if self._is("/") and following.kind != "function":
            raise UnreadableAnswer("a function of a quotient without brackets has two readings")
        return term


def _is_plain(term: Expression) -> bool:
    """Whether a term is a number, or a quotient of numbers, and no sum: `(40)`, `(1/2)`."""
    return term.op == "number" or (term.op in ("/", "neg") and all(map(_is_plain, term.args)))


def is_numeric(term: Expression) -> bool:
    """Whether a term has no letters and no constants."""
    return term.op != "name" and all(is_numeric(arg) for arg in term.args)


def _rooted(inner: Expression, degree: Expression) -> Expression:
    """An odd root of a negative number is the negative one: `\\sqrt[3]{-8}` is -2, not the principal value."""
    odd = degree.op == "number" and degree.value.denominator == 1 and degree.value % 2 == 1
    if odd and inner.op == "number" and inner.value < 0:
        return Expression("neg", (Expression("root", (number(-inner.value), degree)),))
    if odd and inner.op == "neg":
        return Expression("neg", (Expression("root", (inner.args[0], degree)),))
    return Expression("root", (inner, degree))


def _mixed(whole: Expression, part: Expression) -> Expression:
    """`2\\frac{1}{2}`; with a letter in the fraction it is a product."""
    if not is_numeric(part):
        return Expression("*", (whole, part))
    proper = part.op == "/" and all(arg.op == "number" for arg in part.args) and part.args[1].value > 0
    if whole.op != "number" or whole.value.denominator != 1 or not proper:
        raise UnreadableAnswer("a number beside a fraction that is no mixed number")
    value = part.args[0].value / part.args[1].value
    if not 0 < value < 1 or part.args[0].value.denominator != 1:
        raise UnreadableAnswer("a number beside a fraction that is no mixed number")
    return number(whole.value - value if whole.value < 0 else whole.value + value)


def substituted(term: Expression, at: Mapping[str, Fraction]) -> Expression:
    """The term with numbers for its letters."""
    if term.op == "name" and term.name in at:
        return number(at[term.name])
    return term._replace(args=tuple(substituted(arg, at) for arg in term.args))
