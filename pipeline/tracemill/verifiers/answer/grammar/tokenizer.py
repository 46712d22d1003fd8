r"""The tokenizer: what of a text may reach the parser, and with it the computer algebra.

Every character of the text is part of a token or a blank between tokens; anything else makes the text unreadable.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

MAX_CHARACTERS = 1_000
MAX_TOKENS = 300
MAX_DIGITS = 200

GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "rho",
        "sigma",
        "tau",
        "phi",
        "chi",
        "psi",
        "omega",
    ]
)
_CALLS = {
    **{name: name for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "ln", "log", "exp")},
    **{name: name for name in ("arcsin", "arccos", "arctan")},
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "lg": "lg",
    "tg": "tan",
    "ctg": "cot",
    "cotg": "cot",
    "cosec": "csc",
    "arctg": "arctan",
}
_HYPERBOLIC = {"sh": "sinh", "ch": "cosh", "th": "tanh"}
"""As commands; as letters they may be a product, too, as `tg` is where no argument follows."""
_ARGUMENT = re.compile(r"\s*(?:\^\s*\{?-?\d+\}?\s*)?(?:\(|\\(?![,;:!]))|\s*\^\s*\{?-?\d+\}?\s*[A-Za-z]|\s+[A-Za-z\d]")
_MARKS = frozenset(
    {"\\frac", "\\sqrt", "\\binom", "\\circ", "\\infty", "\\cup", "\\cap", "\\in", "\\pm", "\\mp", "\\approx"}
    | {"\\equiv", "\\emptyset", "\\quad", "\\setminus", "\\pmod", "\\mod", "\\bmod", "\\percent", "\\rightarrow"}
)
_CLOSING = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}
_GROUPED = r"[1-9]\d{0,2}(?:,\d{3})+(?!\d)(?!,\d)|[1-9]\d{0,2}(?:\ \d{3})+(?!\d)(?!\ ?/)"
_NUMBER = (
    r"(?P<whole>\d+)?\.(?P<fixed>\d*)(?:\\overline|\\bar|\\dot)\s*\{?(?P<again>\d+)\}?(?:\\dot\s*\{?(?P<last>\d)\}?)?"
    rf"|(?P<plain>(?:{_GROUPED})(?:\.\d*)?|\d+(?:\.\d+|\.(?!\.))?|\.\d+)(?P<exponent>[eE][-+]?\d{{1,3}}(?![\d.]))?"
)
_UNGROUPED = _NUMBER.replace(rf"(?:{_GROUPED})(?:\.\d*)?|", "")
_REST = (
    r"|\\text\s*\{(?P<text>[^{}]*)\}|\\mathbb\s*\{?(?P<field>[A-Z])\}?|\\(?P<command>[A-Za-z]+)"
    r"|(?P<letters>[A-Za-z]+)(?:\s?_\s?(?:\{(?P<index>[A-Za-z0-9]{1,8})\}|(?P<short>[A-Za-z0-9])))?"
    r"|(?P<mark><=|>=|!=|\\[{}$%\\|]|[-+*/^_!()\[\]{}|,;:<>=%$€£¥&])"
)
_TOKEN = re.compile(rf"\s*(?:{_NUMBER}{_REST})", re.ASCII)
_TOKEN_UNGROUPED = re.compile(rf"\s*(?:{_UNGROUPED}{_REST})", re.ASCII)
_ENVIRONMENT = re.compile(r"\\(?P<end>begin|end)\s*\{(?P<name>[a-zA-Z]{1,12}\*?)\}(?:\s*\{[clr|]*\})?")
_LEADING_ZERO = re.compile(r"(?<![\d.,])0\d*[, ]\d{3}(?!\d)")


class UnreadableAnswer(ValueError):
    """Not in the grammar, or it has two readings."""


class Token(NamedTuple):
    """`kind` is `number`, `name` (a letter, perhaps with an index), `function`, `words` (prose), `field`, `mark`, or
    `begin` and `end` of an environment. `single`: a number written as digits alone."""

    kind: str
    text: str
    value: Fraction = Fraction(0)
    single: bool = False
    blank: bool = False


def closing(left: str) -> str:
    return _CLOSING[left]


def tokens_of(text: str) -> list[Token]:
    r"""The tokens of a text in one spelling (`notation.spelled`).

    >>> [token.text for token in tokens_of(r"2\frac{x_1}{3}")]
    ['2', '\\frac', '{', 'x_1', '}', '{', '3', '}']

    Raises:
        UnreadableAnswer
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAnswer(f"{len(text)} characters; at most {MAX_CHARACTERS} are read")
    # In brackets a comma separates.
    enclosed = text.startswith(("(", "[", "]", "\\{"))
    refuse_leading_zero(text)
    pattern = _TOKEN_UNGROUPED if enclosed else _TOKEN
    tokens: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        environment = _ENVIRONMENT.match(text, at) if text[at] == "\\" else None
        if environment:
            kind = "begin" if environment["end"] == "begin" else "end"
            tokens.append(Token(kind, environment["name"]))
            at = environment.end()
            continue
        match = pattern.match(text, at)
        if not match or match.end() == at:
            raise UnreadableAnswer(f"{text[at:].strip()[:1]!r} is no mathematics")
        tokens += _made(match, text[at].isspace())
        at = match.end()
        if len(tokens) > MAX_TOKENS:
            raise UnreadableAnswer(f"more than {MAX_TOKENS} tokens")
    return tokens


def refuse_leading_zero(text: str) -> None:
    """`0,125` is a decimal to some, and nothing to others; in brackets a comma separates.

    Raises:
        UnreadableAnswer
    """
    if not text.startswith(("(", "[", "]", "\\{")) and _LEADING_ZERO.search(text):
        raise UnreadableAnswer("a leading zero before a separator of thousands")


def _made(match: re.Match[str], blank: bool) -> list[Token]:
    if match["plain"] is not None:
        return [_plain(match["plain"], match["exponent"], blank)]
    if match["again"] is not None:
        return [_recurring(match, blank)]
    if match["text"] is not None:
        words = " ".join(match["text"].split())
        if words in _CALLS or words in _HYPERBOLIC:
            return [_command(words, blank)]
        return [Token("words", words, blank=blank)] if words else []
    if match["field"]:
        return [Token("field", match["field"], blank=blank)]
    if match["command"]:
        return [_command(match["command"], blank)]
    if match["letters"]:
        return _letters(match["letters"], match["index"] or match["short"], blank, match.string[match.end() :])
    mark = {"\\$": "$", "\\%": "%"}.get(match["mark"], match["mark"])
    return [Token("mark", mark, blank=blank)]


def _plain(text: str, exponent: str | None, blank: bool) -> Token:
    digits = re.sub(r"[, ]", "", text)
    if len(digits) > MAX_DIGITS:
        raise UnreadableAnswer(f"a number of {len(digits)} digits")
    value = Fraction(digits.rstrip("."))
    if exponent:
        value *= Fraction(10) ** int(exponent[1:])
    return Token("number", text, value, single=text.isdigit() and not exponent, blank=blank)


def _recurring(match: re.Match[str], blank: bool) -> Token:
    r"""`0.1\overline{6}` is 1/6; with dots the first and the last digit of the period are marked."""
    fixed, again = match["fixed"], match["again"] + (match["last"] or "")
    if max(len(fixed), len(again)) > MAX_DIGITS:
        raise UnreadableAnswer("a decimal of too many digits")
    shift = 10 ** len(fixed)
    value = Fraction(int((match["whole"] or "0") + fixed), shift)
    return Token("number", match[0].strip(), value + Fraction(int(again), shift * (10 ** len(again) - 1)), blank=blank)


def _command(name: str, blank: bool) -> Token:
    if name in _CALLS or name in _HYPERBOLIC:
        return Token("function", (_CALLS | _HYPERBOLIC)[name], blank=blank)
    if name in GREEK or name == "pi":
        return Token("name", name, blank=blank)
    if f"\\{name}" in _MARKS:
        return Token("mark", f"\\{name}", blank=blank)
    if name == "qquad":
        return Token("mark", "\\quad", blank=blank)
    raise UnreadableAnswer(f"the command {name!r} is not known")


def _letters(run: str, index: str | None, blank: bool, rest: str) -> list[Token]:
    """A function, a Greek letter, letters side by side as a product, or words. `rest`: what follows."""
    has_argument = _ARGUMENT.match(rest) is not None
    if run in _HYPERBOLIC and has_argument:
        raise UnreadableAnswer(f"{run}: a hyperbolic function, or two letters")
    if index is None and run in _CALLS and (run != "tg" or has_argument):
        return [Token("function", _CALLS[run], blank=blank)]
    if run == "sqrt":
        return [Token("mark", "\\sqrt", blank=blank)]
    if run in GREEK or run == "pi":
        return [Token("name", f"{run}_{index}" if index else run, blank=blank)]
    if run in ("oo", "infty", "infinity"):
        return [Token("mark", "\\infty", blank=blank)]
    if run.lower() in _JOINING or len(run) > 3:
        return [Token("words", run, blank=blank)]
    names = [Token("name", letter, blank=blank and not at) for at, letter in enumerate(run)]
    if index:
        names[-1] = Token("name", f"{run[-1]}_{index}", blank=names[-1].blank)
    return names


_JOINING = frozenset(
    ["or", "and", "is", "in", "to", "of", "not", "no", "yes", "at", "the", "for", "if", "per", "mod", "am", "pm"]
)
