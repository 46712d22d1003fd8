"""The sentences of somebody who reasons about truth-tellers and liars."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

from pipeline.domains.knights_knaves.logic import Inference, Literal, Statement, mentioned
from pipeline.domains.knights_knaves.words import Theme, clause, joined, told

_SENTENCE = re.compile(r"(?<=\. )[a-z]")
_RECALLED = {
    "is": "{a}",
    "same": "{x} and {y} are alike",
    "differ": "{x} and {y} differ",
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
        "{conclusion}, because {name} says so and {speaker}.",
        "{name} says so and {speaker}, so {conclusion}.",
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
    "Each statement has been used where it was needed.\n\nAnswer: {fields}",
    "This leaves one possibility for everybody.\n\nAnswer: {fields}",
    "Here is the result of the reasoning above.\n\nAnswer: {fields}",
    "{summary}.\n\nAnswer: {fields}",
)


class Voice:
    """Tells inferences in the words of a theme."""

    def __init__(self, theme: Theme, names: Sequence[str], rng: Random) -> None:
        self.theme, self.names, self.rng = theme, names, rng

    def conclusion(self, literals: Sequence[Literal]) -> str:
        return joined([clause(self.theme, self.names[person], kind) for person, kind in literals])

    def recalled(self, statement: Statement) -> str:
        form = statement[2] if statement[0] == "count" else statement[0]
        return told(self.theme, statement, self.names, _RECALLED[form])

    def supposed(self, given: Literal) -> str:
        return self.rng.choice(_SUPPOSED).format(given=self.conclusion([given]))

    def then(self) -> str:
        return self.rng.choice(_THEN)

    def impossible(self) -> str:
        return self.rng.choice(_IMPOSSIBLE)

    def refuted(self, literal: Literal) -> str:
        return self.rng.choice(_REFUTED).format(conclusion=self.conclusion([literal]))

    def accepted(self, literals: Sequence[Literal]) -> str:
        return self.rng.choice(_ACCEPTED).format(conclusion=self.conclusion(literals))

    def summary(self, literals: Sequence[Literal]) -> str:
        return self.rng.choice(_SUMMARY).format(conclusion=self.conclusion(literals))

    def closing(self, kinds: Mapping[int, bool]) -> str:
        fields = ", ".join(f"{name} = {self.theme.words[kinds[person]]}" for person, name in enumerate(self.names))
        return self.rng.choice(_CLOSINGS).format(fields=fields, summary=self.conclusion(sorted(kinds.items())))

    def inference(self, inference: Inference, known: Mapping[int, bool], given: Literal | None, believed: bool) -> str:
        """Tell an inference. `known`: the kinds of its reasons at least. `believed`: a liar is taken at their word."""
        rule = inference.rule
        reasons = {person: known[person] for person in inference.reasons}
        if given is not None and given[0] in rule.scope:
            reasons[given[0]] = given[1]
        speaker = reasons.pop(rule.speaker, None)
        others = sorted(reasons.items())
        words = {
            "name": self.names[rule.speaker],
            "recalled": self.recalled(rule.statement),
            "conclusion": self.conclusion(inference.literals) if inference.literals else "",
            "others": self.conclusion(others) if others else "",
            "speaker": self.conclusion([(rule.speaker, bool(speaker))]),
        }
        template = self._template(inference, speaker, bool(others), believed)
        since = self.rng.choice(_SINCE if others else _PLAIN).format(**words)
        with_others = f"given that {words['others']}, " if others else ""
        value = speaker if inference.literals else not speaker
        if [person for person, _ in inference.literals] == [rule.speaker]:
            value = inference.literals[0][1]
        own = f"is {self.theme.one[bool(speaker)]}"
        text = template.format(**words, Others=since, With=with_others, value="true" if value else "false", own=own)
        return _SENTENCE.sub(lambda found: found.group().upper(), text)

    def _template(self, inference: Inference, speaker: bool | None, others: bool, believed: bool) -> str:
        rule, literals = inference.rule, inference.literals
        if believed:
            return self.rng.choice(_BELIEVED)
        if not literals:
            if speaker is None:
                return self.rng.choice(_CLASH_OPEN)
            return self.rng.choice(_CLASH if others else _CLASH_ALONE)
        if speaker is not None:
            return self.rng.choice((_DIRECT if rule.statement[0] == "is" else _BY_SPEAKER)[speaker])
        if others and [person for person, _ in literals] == [rule.speaker]:
            return self.rng.choice(_TO_SPEAKER if rule.speaker not in mentioned(rule.statement) else _FITS)
        return self.rng.choice(_FITS)
