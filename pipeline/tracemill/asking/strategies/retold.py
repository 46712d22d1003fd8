"""Whether a step that is told in other words says the same: all that it names, counts and claims, in the same order,
and nothing else.

What may change are words that carry no claim (`plain_words.py`): how sentences begin and hang together, and who is
spoken to. Two words that stand side by side may change places (`a long tail`, `the tail is long`), some words have
others for the same, and of a name that comes again with words alone in between the second mention may be `it`. Whoever
tells a step otherwise is refused, also where a reader would find the same in it: this is a filter that lets through
only what it can see to be the same.

Not seen: grammar around the kept words that turns them round (`A, for B` where the step says `A, so B`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tracemill.asking.strategies.plain_words import BECAUSE, NEUTRAL, SAME
from tracemill.records import Problem
from tracemill.verifiers.masking import names_of

ToldKind = Literal["name", "number", "sign", "quoted", "word"]

_SIDE_BY_SIDE = 2
"""Words that may change places: `long tail`, `the tail is long`."""
_STANDS_FOR = {word: group[0] for group in SAME for word in group}
_NO_NAMES = {*NEUTRAL, *BECAUSE, *_STANDS_FOR, "or"}
_SENTENCE_END = re.compile(r"[.!?:;]\s")
_REST = r"""
    (?P<quoted>`[^`]*`|“[^”]*”|"[^"]*"|\\boxed\{[^{}]*\})
  | (?P<label>\(\d+\))
  | (?P<pair>(?<![\w/])[A-Za-z]/[A-Za-z](?![\w/]))
  | (?P<number>\d+(?:[.,/]\d+)*)
  | (?P<sign>\*\*|[=<>≤≥≠+^±%()\[\]{}?/]|[-−–](?=\s|[\d(.]|[A-Za-z](?![A-Za-z])))
  | (?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)
"""


class ToldToken(NamedTuple):
    """A piece of a text that may matter. `text` is what is compared; `start`, `end` its span; `begins`: nothing that
    matters comes before it in its sentence."""

    kind: ToldKind
    text: str
    start: int
    end: int
    begins: bool


class TellingReader:
    """Reads texts about one problem."""

    def __init__(self, problem: Problem) -> None:
        # A puzzle may write AND and IF in capitals, which makes no names of them.
        names = [name for name in names_of(problem) if len(name) > 1 and name.lower() not in _NO_NAMES]
        alternatives = "|".join(map(re.escape, names))
        named = rf"(?P<name>(?<!\w)(?i:{alternatives})(?!\w)) | " if names else ""
        quoted, _, rest = _REST.partition("\n  | ")
        self._pattern = re.compile(f"{quoted}\n  | {named}{rest}", re.VERBOSE)

    def read(self, text: str) -> list[ToldToken]:
        """What is not neutral, in its order, without second mentions of a name that could be `it`."""
        found: list[ToldToken] = []
        begins, subject, at = True, "", 0
        for match in self._pattern.finditer(text):
            if _SENTENCE_END.search(text, at, match.start() + 1):
                begins = True
            at = match.start()
            for kind, word in _tokens(match):
                neutral = kind == "word" and (word in NEUTRAL or (word in BECAUSE and begins))
                if neutral or (kind == "name" and word == subject):
                    continue
                if kind != "word":
                    # Within a formula each mention counts.
                    subject = word if kind == "name" and len(word) > 1 else ""
                found.append(ToldToken(kind, word, match.start(), match.end(), begins))
                begins = False
        return found


def _tokens(match: re.Match[str]) -> Iterator[tuple[ToldKind, str]]:
    group, text = str(match.lastgroup), match.group()
    if group == "name":
        yield "name", text.lower()
    elif group in ("quoted", "label", "pair"):
        yield "quoted", text
    elif group == "number":
        yield "number", _STANDS_FOR.get(text, text)
    elif group == "sign":
        sign = {"−": "-", "–": "-", "**": "^"}.get(text, text)
        yield "sign", _STANDS_FOR.get(sign, sign)
    else:
        yield from _words(text)


def _words(text: str) -> Iterator[tuple[ToldKind, str]]:
    """`isn't` is two words; single letters are names of unknowns, in which case matters."""
    if len(text) == 1 and text not in "aAI":
        yield "name", text
        return
    lower = text.lower().replace("’", "'")
    if lower.endswith("n't"):
        yield "word", lower.removesuffix("n't") if lower != "can't" else "can"
        yield "word", "not"
        return
    word = re.sub(r"'(?:s|re|ve|ll|d|m)?$", "", lower)
    same = _STANDS_FOR.get(word, word)
    yield ("number", same) if same.isdecimal() else ("word", same if same in BECAUSE | NEUTRAL else _stem(same))


def _stem(word: str) -> str:
    """`knaves` and `knave`, `moved` and `moves`."""
    for ending, instead in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending) + instead
            break
    return word.removesuffix("e") if len(word) > 3 else word


_KEEP_THEIR_PLACE = BECAUSE | {
    _stem(word)
    for word in (
        *(
            "not",
            "never",
            "no",
            "nobody",
            "nothing",
            "without",
            "all",
            "some",
            "only",
            "either",
            "neither",
            "or",
            "nor",
        ),
        *("if", "say", "suppose", "false", "true"),
    )
}
"""What they are about is what follows them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a retelling of one step must show, in this order: groups of what may change places, each with how it stands
    in the step."""

    groups: tuple[Counter[str], ...]
    shown: tuple[str, ...]


def wanted(reader: TellingReader, text: str) -> Wanted:
    groups: list[Counter[str]] = []
    shown: list[str] = []
    end: int | None = None
    for token in reader.read(text):
        plain = token.kind == "word" and token.text not in _KEEP_THEIR_PLACE
        if plain and end is not None and text[end : token.start] == " " and groups[-1].total() < _SIDE_BY_SIDE:
            groups[-1][token.text] += 1
            shown[-1] += text[end : token.end]
        else:
            groups.append(Counter([token.text]))
            shown.append(text[token.start : token.end])
        end = token.end if plain else None
    return Wanted(tuple(groups), tuple(shown))


def fault_in(reader: TellingReader, told: str, of: Wanted) -> str | None:
    """Why a retelling does not say the same; None where it does.

    Examples: `leaves out 'Zephy'`, `adds 'dishonest'`, `has '7' in another place`.
    """
    tokens = reader.read(told)
    every = sum(of.groups, Counter[str]())
    said = Counter(token.text for token in tokens)
    for token in tokens:
        if said[token.text] > every[token.text]:
            return f"adds {told[token.start : token.end]!r}"
    for group, shown in zip(of.groups, of.shown, strict=True):
        if any(said[word] < every[word] for word in group):
            return f"leaves out {shown!r}"
    at = 0
    for group in of.groups:
        size = group.total()
        if Counter(token.text for token in tokens[at : at + size]) != group:
            return f"has {told[tokens[at].start : tokens[at].end]!r} in another place"
        at += size
    return None


def is_copied(original: Sequence[str], told: Sequence[str]) -> bool:
    """Whether more than half of the steps are the same words."""
    same = sum(_plain(one) == _plain(other) for one, other in zip(original, told, strict=True))
    return 2 * same > len(original)


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower()
