"""Whether the text around an answer takes it back, denies it, or offers another beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

from tracemill.verifiers.answer.finding.extraction import SENTENCE_END, StatedAnswer

# "perhaps surprisingly", "maybe the nicest number" say nothing of whether it is right.
_DOUBT = (
    r"(?:maybe|perhaps|possibly)"
    r"(?! (?:un)?(?:surprising|expected|interesting|counter)| the (?:most|\w+est)\b(?![^.!?\n]*\d))"
    r"|i guess|i doubt|unsure|not sure|not certain"
)
_BEFORE = re.compile(
    rf"\b(?:{_DOUBT})\b,?(?:(?!,|\bbut\b).)*$"
    r"|\b(?:false|untrue|not true|wrong|incorrect|mistake|myth) that\b"
    r"(?:(?![,:]|\b(?:but|so|hence|thus|therefore|instead)\b).)*$"
    r"|\b(?:ignore|disregard|forget|discard)(?: (?:this|that|the|my|answer|result|box)){0,3}[\s:$*(]*$"
    r"|\bi (?:would|could|might) (?:have )?(?:guess(?:ed)?|say|said|write|written|answer(?:ed)?|put)[\s:$*(]*$"
    r"|\bnot (?:even|simply|just|yet)\b[\s$*:(]*$"
    r"|\b(?:if|whether|unless|suppose|say) (?:the |that the )?(?:final |correct )?$"
    r"|\beither\b.*\bor\b.{0,12}$|\bor\b[\s$*(\\\[]*$"
    r"|(?:\b(?:not|never|cannot|neither|nor|rather than|instead of"
    r"|(?<!none )(?<!nothing )other than)\b|n['’]t\b)"
    r"(?: (?:be|equal|equal to|the|really|actually|simply|just|yet)){0,3}[\s:$*(\\\[{}]*$|(?:\\neq?|\\not ?=|≠)[\s$]*$",
    re.IGNORECASE | re.DOTALL,
)
_REJECTED = (
    r"(?:(?:is|was|seems|looks|must be|would be) (?:\w+ ){0,2}(?:wrong|incorrect|false|mistaken|impossible)"
    r"|(?:is not|isn['’]t|was not|wasn['’]t|can(?:not| not|['’]t) be) (?:\w+ ){0,2}"
    r"(?:right|correct|true|possible|answer))\b"
)
_AFTER = re.compile(
    rf"\b(?:{_DOUBT})\b|^[^\w.\n]*or\b(?! (?:more|less) than\b)"
    r"|\bor\s+(?:[-$\\\d]|(?:more|less)\b(?! than)|even\b|so\b)"
    r"|^[\s$*)]*(?:,|;|/|and\b|&|\\pm)\s*(?:\$|\\boxed\{|-)*\s*(?=\d)"
    r"(?![\d.,/]+\$? (?:cannot|fails|isn['’]t"
    r"|(?:is|being|was|would be) (?:too|not|impossible|excluded|wrong|extraneous|negative|invalid)\b))"
    rf"|^[\s$*)\]]*(?:[a-z]+[ ,]+){{0,2}}(?:,\s)?(?:which |that |this |it )?{_REJECTED}",
    re.IGNORECASE,
)
_LATER = re.compile(
    rf"\bor (?:{_DOUBT})\b|\bon second thought\b|\b(?:could|might|may) also be (?=[-$\\\d])"
    r"|\b(?:may|might|could) be wrong\b"
    r"|\banswer (?:could|might|may) be\b"
    r"(?! (?:found|obtained|derived|computed|written|expressed|checked|verified|seen)\b)"
    rf"|\b(?:alternatively|{_DOUBT}),? "
    r"(?:it (?:is|was|could|may|might|equals|would|should)\b(?! (?:possible|easy|easier|enough) to\b)"
    r"|the answer|[-$\\\d])"
    r"|(?:^|[.!?\n*])[\s$*(]{0,5}(?:(?:oh|but|well|hmm+),? )?"
    r"(?:(?:wait|hmm+|hold on|oops)\b"
    r"|sorry\b(?! (?:for|about) (?:the|my|this|being) (?:long|length|late|delay|format|typo))"
    r"|(?:no|nope)[,:;—–-](?! (?:we|you) (?:do not|don['’]t|need not)\b))"
    r"|\b(?:scratch|strike) that\b|\bcorrection:|\bnever ?mind\b(?! the\b)|\bmy mistake\b"
    r"|(?<!if )\bi (?:have )?made an? (?:\w+ )?(?:mistake|error)\b"
    r"|\bactually,? (?:no\b|it is\b|it['’]s\b|the (?:correct |right |final )?answer|[-$\\\d])"
    r"|\blet me (?:correct|fix|try again|start over|re-?(?:do|compute|calculate|consider|think|try|work))\b"
    r"|\b(?:that|this|it|answer)(?: is| was|['’]s) "
    r"(?:not (?:right|correct)|(?:\w+ )?(?:wrong|incorrect|mistaken))\b(?! to\b)"
    r"|\b(?:that|this|it|answer) (?:isn|wasn)['’]t (?:right|correct)\b"
    r"|^[\s.$*)]*[(\[]?or\b[\s:$*]*[-\\\d]",
    re.IGNORECASE,
)
_NO_ANSWER = re.compile(
    r"(?:\b(?:not|never|isn['’]t|hardly)(?: (?:my|the|our|a|an|your|final|correct|real|actual|true))*|\bnon-(?:final )?"
    r"|\b(?:possible|potential|wrong|incorrect|plausible|candidate|tentative|another|alternative|example|sample|previous)"
    r"(?: final)?) ?\w*$",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:for example|for instance|e\.g\.)[\s,:$(]*$"
    r"|\bsuch as[\s,:$(]*$"
    r"|\b(?:do not|don['’]t|cannot|can['’]t) (?:know|tell|say|determine)\b",
    re.IGNORECASE,
)
# What around a statement shows that it is not meant: struck out, commented out, asked, an example of the format.
_STRUCK = re.compile(r"(?:~~|<(?:del|s|strike)>|<!--|^[ \t]*%)[\s$*>]*$", re.IGNORECASE)
_NOT_MEANT = re.compile(
    r"^[\s$*.)]*\(?(?:just )?(?:kidding|joking)\b"
    r"|^[^.!?\n]*\b(?:example of (?:the|this|a|an) (?:\w+ )?format|only an example)\b"
    r"|^[\s$*),]*(?:wrongly|incorrectly|falsely|mistakenly)\b"
    r"|^[\s$*)]*(?:could|might|may) be (?:right|correct|true|wrong|it)\b"
    rf"|^\s*</answer>[\s$*]*(?:,\s)?(?:which |that |this |it )?{_REJECTED}"
    r"|^[^.!?\n]*\bif i (?:knew|could|had)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"^[\s$*)\]]*\?(?!\?*\s*(?:yes|indeed|correct|right)\b)", re.IGNORECASE)
_TRUE_ONE = re.compile(r"\bthe (?:true|right|correct) (?:answer|result) is (?P<other>[-$\\\d][^\n]*)", re.IGNORECASE)
_SAID = r"(\$[^$]+\$|\\\([^()]+\\\)|[-\d.,/%]+(?: \w+)?|\S+)"
_OR_BEFORE = re.compile(rf"(?:^|\s){_SAID},? or[\s$*(\\\[]*$")
_OR_AFTER = re.compile(r"^[\s$*)\]]*(?:\w+ ?)??,? *\(?or,? (?P<other>(?:in (?:other )?words, )?[^,;()\n]+)")
_IN_OTHER_WORDS = re.compile(r"(?:,? )?(?:in (?:other )?words|equivalently|put differently|simply),? ", re.IGNORECASE)
_SMALL = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty
"""
_IN_DIGITS = {word: str(value) for value, word in enumerate(_SMALL.split())} | {
    **{"half a dozen": "6", "a dozen": "12", "one half": "1/2", "half": "1/2", "a half": "1/2", "one third": "1/3"},
    **{"a third": "1/3", "two thirds": "2/3", "one quarter": "1/4", "a quarter": "1/4", "three quarters": "3/4"},
}
_NUMBER_WORDS = re.compile(
    rf"(?:{'|'.join(sorted(_IN_DIGITS, key=len, reverse=True))})\b"
    r"(?!-| (?:hundred|thousand|million|billion|dozen|point|and|times|of|thirds?|quarters?|\w+ths?)\b)",
    re.IGNORECASE,
)
# Whoever speaks of another's answer does not take back his own.
_OF_OTHERS = re.compile(
    r"\bif you (?:got|get|have|obtained|chose|answered)\b[^.,!?\n]{0,60}, (?:that|it) (?:is|was) "
    r"(?:\w+ )?(?:wrong|incorrect|mistaken|not right|not correct)\b",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    r"\b(?:it|the (?:\w+ )?(?:answer|value|result)) (?:should|must|ought to|has to) "
    r"(?:be|have been) (?P<other>[-$\\\d][^\n]*)",
    re.IGNORECASE,
)


def hedged(text: str, statement: StatedAnswer, same: Callable[[str], bool]) -> bool:
    """Whether the sentence around a statement, or the text after it, takes the answer back or offers another.

    `same`: whether a text states the same answer; "1/2, or 0.5" offers no other.
    """
    before = text[_sentence_start(text, statement.begin) : statement.begin]
    stop = SENTENCE_END.search(text, statement.stop)
    after = text[statement.stop : stop.start() if stop else len(text)]
    later = _OF_OTHERS.sub("", text[statement.stop :])
    if statement.rule in ("prose", "line", "bare") and _NO_ANSWER.search(before):
        return True
    near = text[max(0, statement.begin - _ABBREVIATION) : statement.begin]
    if (
        _EXAMPLE.search(before)
        or _EXAMPLE.search(near)
        or _STRUCK.search(before)
        or _NOT_MEANT.search(text[statement.stop :][:_NEAR])
    ):
        return True
    if statement.strong and _ASKED.search(text[statement.stop :][:_NEAR]):
        return True
    restated = _OR_BEFORE.search(before)
    if restated and same(restated[1]):
        before = before[: restated.start()]
    restated = _OR_AFTER.match(after[:_NEAR])
    if restated and _same_in_words(restated["other"], same):
        after, later = after[restated.end() :], later[restated.end() :]
    for pattern in (_SHOULD, _TRUE_ONE):
        for said in pattern.finditer(later[:_LATER_CHARACTERS]):
            if not same(said["other"].rstrip(" .")):
                return True
    return bool(_BEFORE.search(before) or _AFTER.search(after) or _LATER.search(later))


def _same_in_words(other: str, same: Callable[[str], bool]) -> bool:
    """Whether what follows `or` is the same answer, in figures or in words: `or, in words, six`."""
    other = _IN_OTHER_WORDS.sub("", other, count=1).strip()
    words = _NUMBER_WORDS.match(other)
    return same(other) or (words is not None and same(_IN_DIGITS[words[0].lower()]))


_LATER_CHARACTERS = 20_000
_NEAR = 200
_ABBREVIATION = 20
"""Characters before a statement that may hold `e.g.`, whose full stop ends no sentence."""


def _sentence_start(text: str, end: int) -> int:
    start = max(0, end - 500)
    for match in SENTENCE_END.finditer(text, start, end):
        start = match.end()
    return start
