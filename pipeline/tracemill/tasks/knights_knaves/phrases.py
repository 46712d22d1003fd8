"""The sentences of somebody who reasons about truth-tellers and liars."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

from tracemill.tasks.knights_knaves.logic import Inference, Literal, Statement, mentioned, stated
from tracemill.tasks.knights_knaves.words import Theme, clause, joined, told

_SENTENCE = re.compile(r"(?<=\. )[a-z]")
_RECALLED = {
    "is": "{a}",
    "same": "{x} and {y} are alike",
    "differ": "{x} and {y} are not alike",
    "and": "{a} and {b}",
    "or": "{a} or {b}",
    "if": "if {a}, then {b}",
    "exactly": "exactly {n} of {group} {are}",
    "least": "at least {n} of {group} {are}",
    "most": "at most {n} of {group} {are}",
}
_SUPPOSED = (
    "Suppose that {given}. ",
    "Assume for a moment that {given}. ",
    "What if {given}? ",
    "Let us try the case that {given}. ",
    "Imagine that {given}. ",
)
_THEN = ("", "", "", "Then ", "In that case, ", "Under this assumption, ", "Further, ", "Next, ")
_DIRECT = {
    True: (
        "{speaker}, so what {name} says is true: {conclusion}.",
        "{name} says that {recalled}, and since {speaker}, that is so.",
        "{speaker} and says that {conclusion}, so this is the case.",
        "since {speaker}, the words of {name} hold, and {conclusion}.",
    ),
    False: (
        "{speaker}, so what {name} says is false: {conclusion}.",
        "{name} claims the opposite, but {speaker}; so {conclusion}.",
        "since {speaker}, the words of {name} are untrue, and {conclusion}.",
        "{speaker}; the claim that {recalled} is therefore false, and {conclusion}.",
    ),
}
_BY_SPEAKER = {
    True: (
        "{speaker}, so it is true that {recalled}. {Others}{conclusion}.",
        "{name} can be trusted here, since {speaker}, and says that {recalled}. {Others}{conclusion}.",
        "because {speaker}, it holds that {recalled}. {Others}{conclusion}.",
        "{name} says that {recalled}, which is true as {speaker}. {Others}{conclusion}.",
    ),
    False: (
        "{speaker}, so it is false that {recalled}. {Others}{conclusion}.",
        "{name} says that {recalled}, but {speaker}, so this is not the case. {Others}{conclusion}.",
        "because {speaker}, it cannot be that {recalled}. {Others}{conclusion}.",
        "{speaker}, and so the claim of {name} that {recalled} is untrue. {Others}{conclusion}.",
    ),
}
_TO_SPEAKER = (
    "{others}, so what {name} says, that {recalled}, is {value}. Hence {conclusion}.",
    "{name} says that {recalled}. As {others}, this is {value}, and therefore {conclusion}.",
    "the statement of {name} that {recalled} is {value}, for {others}. So {conclusion}.",
    "since {others}, {name} is saying something {value} (that {recalled}), and {conclusion}.",
)
_FITS = (
    "{name} says that {recalled}. {With}that fits only if {conclusion}.",
    "look at {name}, who says that {recalled}. {With}both kinds of speaker leave one possibility: {conclusion}.",
    "{name} maintains that {recalled}. {With}the speaker's own kind agrees with these words only when {conclusion}.",
)
_BELIEVED = (
    "{name} says that {recalled}. {Others}{conclusion}.",
    "we hear from {name} that {recalled}. {Others}{conclusion}.",
    "by the words of {name}, {recalled}. {Others}{conclusion}.",
)
"""The speaker is taken at their word: rightly, if it is known that they tell the truth."""
_BELIEVED_DIRECT = (
    "{name} tells us that {conclusion}.",
    "we hear from {name} that {conclusion}.",
    "by the words of {name}, {conclusion}.",
)
"""The same where the conclusion is what was said."""
_BELIEVES = 0.15
"""How often the words of somebody who tells the truth are just taken up."""
_AT_ONCE_DIRECT = {
    True: ("then what {name} says is true: {conclusion}.", "then the words of {name} hold, and {conclusion}."),
    False: ("then what {name} says is false: {conclusion}.", "then the words of {name} are untrue, and {conclusion}."),
}
_AT_ONCE = {
    True: (
        "then it is true that {recalled}. {Others}{conclusion}.",
        "then the claim of {name} that {recalled} holds. {Others}{conclusion}.",
    ),
    False: (
        "then it is false that {recalled}. {Others}{conclusion}.",
        "then the claim of {name} that {recalled} is untrue. {Others}{conclusion}.",
    ),
}
_AT_ONCE_TO_SPEAKER = (
    "then what {name} says, that {recalled}, is {value}, and {conclusion}.",
    "then {name} is saying something {value} (that {recalled}), and so {conclusion}.",
    "{name} says that {recalled}. Then this is {value}, and {conclusion}.",
)
"""Directly after the assumption that is all they rest on."""
_CLASH = (
    "But {name} says that {recalled}, which is {value} because {others}, although {speaker}.",
    "Yet {others}, which makes the words of {name} (that {recalled}) {value}, although {speaker}.",
    "Now {name} says that {recalled}. That is {value}, since {others}, although {speaker}.",
)
_CLASH_ALONE = (
    "But {name} says that {recalled}, and that does not agree with {own}.",
    "Yet the words of {name}, that {recalled}, cannot come from somebody who {own}.",
)
_CLASH_OPEN = (
    "But {name} says that {recalled}. As {others}, neither kind of speaker could say that.",
    "Yet {others}, and then nobody of either kind could say, as {name} does, that {recalled}.",
)
_IMPOSSIBLE = ("That is a contradiction.", "This is impossible.", "The two do not go together.", "That cannot be.")
_REFUTED = (
    "So the assumption fails: {conclusion}.",
    "Hence {conclusion}.",
    "Consequently {conclusion}.",
    "The assumption must be given up, and {conclusion}.",
)
_ACCEPTED = (
    "Nothing speaks against this, so it is settled that {conclusion}.",
    "This is consistent, and therefore {conclusion}.",
    "It all goes together without a contradiction; hence {conclusion}.",
    "So {conclusion}.",
    "Hence {conclusion}.",
)
_SUMMARY = (
    "That settles everybody: {conclusion}.",
    "Put together, {conclusion}.",
    "So the complete picture is that {conclusion}.",
    "Now all kinds are known: {conclusion}.",
)
_SINCE = ("Since {others}, ", "As {others}, ", "We know that {others}, so ", "Because {others}, ")
_PLAIN = ("So ", "Hence ", "Therefore ", "It follows that ", "This means that ")
_CLOSINGS = (
    "Answer: {fields}",
    "This leaves one possibility for everybody.\n\nAnswer: {fields}",
    "Here is the result of the reasoning above.\n\nAnswer: {fields}",
    "With that, nobody is left undecided.\n\nAnswer: {fields}",
)
_CLOSINGS_WITH_SUMMARY = (*_CLOSINGS, "{summary}.\n\nAnswer: {fields}")


class Voice:
    """Tells inferences in the words of a theme."""

    def __init__(self, theme: Theme, names: Sequence[str], rng: Random) -> None:
        self.theme, self.names, self.rng = theme, names, rng
        self.last: dict[tuple[str, ...], str] = {}

    def _one_of(self, templates: tuple[str, ...]) -> str:
        """One of the templates, not the one that was taken last."""
        template = self.rng.choice([one for one in templates if one != self.last.get(templates)])
        self.last[templates] = template
        return template

    def conclusion(self, literals: Sequence[Literal]) -> str:
        return joined([clause(self.theme, self.names[person], kind) for person, kind in literals])

    def recalled(self, statement: Statement) -> str:
        form = statement[2] if statement[0] == "count" else statement[0]
        return told(self.theme, statement, self.names, _RECALLED[form])

    def supposed(self, given: Literal) -> str:
        return self._one_of(_SUPPOSED).format(given=self.conclusion([given]))

    def further(self, text: str) -> str:
        """A sentence that goes on under an assumption. What somebody says does not hang on it."""
        reports = any(text.startswith(f"{name} {verb}") for name in self.names for verb in ("says", "maintains"))
        return text if reports else self.rng.choice(_THEN) + text

    def impossible(self) -> str:
        return self._one_of(_IMPOSSIBLE)

    def refuted(self, literal: Literal) -> str:
        return self._one_of(_REFUTED).format(conclusion=self.conclusion([literal]))

    def accepted(self, literals: Sequence[Literal]) -> str:
        return self._one_of(_ACCEPTED).format(conclusion=self.conclusion(literals))

    def summary(self, literals: Sequence[Literal]) -> str:
        return self._one_of(_SUMMARY).format(conclusion=self.conclusion(literals))

    def closing(self, kinds: Mapping[int, bool], summarised: bool) -> str:
        fields = ", ".join(f"{name} = {self.theme.words[kinds[person]]}" for person, name in enumerate(self.names))
        closings = _CLOSINGS if summarised else _CLOSINGS_WITH_SUMMARY
        return self.rng.choice(closings).format(fields=fields, summary=self.conclusion(sorted(kinds.items())))

    def inference(
        self,
        inference: Inference,
        known: Mapping[int, bool],
        given: Literal | None,
        believed: bool,
        at_once: bool = False,
    ) -> str:
        """Tell an inference. `known`: the kinds of its reasons at least. `believed`: a liar is taken at their word.
        `at_once`: it is told directly after the assumption `given`, which need not be said again."""
        rule = inference.rule
        reasons = {person: known[person] for person in inference.reasons}
        if given is not None and given[0] in rule.scope:
            reasons[given[0]] = given[1]
        at_once = at_once and given is not None and list(reasons) == [given[0]]
        speaker = reasons.pop(rule.speaker, None)
        others = sorted(reasons.items())
        words = {
            "name": self.names[rule.speaker],
            "recalled": self.recalled(rule.statement),
            "conclusion": self.conclusion(inference.literals) if inference.literals else "",
            "others": self.conclusion(others) if others else "",
            "speaker": self.conclusion([(rule.speaker, bool(speaker))]),
        }
        template = self._one_of(self._templates(inference, speaker, bool(others), believed, at_once))
        since = self._one_of(_SINCE if others else _PLAIN).format(**words)
        with_others = f"given that {words['others']}, " if others else ""
        value = speaker if inference.literals else not speaker
        if [person for person, _ in inference.literals] == [rule.speaker]:
            value = inference.literals[0][1]
        own = f"is {self.theme.one[bool(speaker)]}"
        text = template.format(**words, Others=since, With=with_others, value="true" if value else "false", own=own)
        return _SENTENCE.sub(lambda found: found.group().upper(), text)

    def _templates(
        self, inference: Inference, speaker: bool | None, others: bool, believed: bool, at_once: bool
    ) -> tuple[str, ...]:
        rule, literals = inference.rule, inference.literals
        if not literals:
            return _CLASH_OPEN if speaker is None else _CLASH if others else _CLASH_ALONE
        repeats = not others and set(literals) == set(stated(rule.statement))
        if believed or (speaker and not at_once and self.rng.random() < _BELIEVES):
            return _BELIEVED_DIRECT if repeats else _BELIEVED
        if speaker is not None:
            direct = rule.statement[0] == "is" or (speaker and repeats)
            forms = (_AT_ONCE, _AT_ONCE_DIRECT) if at_once else (_BY_SPEAKER, _DIRECT)
            return forms[direct][speaker]
        about_others = rule.speaker not in mentioned(rule.statement)
        if others and about_others and [person for person, _ in literals] == [rule.speaker]:
            return _AT_ONCE_TO_SPEAKER if at_once else _TO_SPEAKER
        return _FITS
