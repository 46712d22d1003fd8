"""The parts of words in an invented language, found from examples.

The prompt says how words are built: a root and a part for each feature, in one order, of so many letters; what may
change beside what. Its words leave exactly one word for the meaning that is asked for. What makes a problem harder:
more features, values and roots, an order that is not given, a letter that changes beside others.
"""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

from tracemill.records import Check, Claim, Problem, canonical_json
from tracemill.tasks.invented_language.inventing import invented
from tracemill.tasks.invented_language.language import PART_LETTERS, ROOT_LETTERS, Language, Meaning, enumeration, equal
from tracemill.tasks.invented_language.pieces import joined, quoted
from tracemill.tasks.invented_language.telling import Working
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.kit.words import Voice, words_beside
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LONGEST_WORD = 30
_ATTEMPTS = 20


class InventedLanguage(NarratedTask):
    """See the module. `instance`: the theme, the people's name, and the language (`Language`) as plain JSON."""

    name: ClassVar[str] = "linguistics.morphology.invented_language"
    version: ClassVar[str] = "3"
    summary: ClassVar[str] = "roots, endings and sound changes of an invented language, found from a few words"
    words = words_beside(__file__)

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.invented_language.oracle import InventedLanguageOracle

        return InventedLanguageOracle

    def make(self, request: Request) -> Draft:
        from tracemill.tasks.invented_language.oracle import words_for

        theme, rng = self.words.themes[request.theme], request.rng
        for _ in range(_ATTEMPTS):
            language = invented(theme, request.difficulty, rng)
            instance = {"theme": request.theme, "people": rng.choice(theme["peoples"]), **language.plain()}
            if words_for(instance) == {language.spelt(language.asked)}:
                break
        else:
            raise RuntimeError(f"no language with one answer after {_ATTEMPTS} attempts")
        return Draft(
            prompt=self._prompt(language, instance, rng),
            answer=language.spelt(language.asked),
            check=Check("exact"),
            premises=premises_of(language),
            group=group_of(language),
            instance=instance,
        )

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance = problem.metadata["instance"]
        language = Language.of(instance)
        short, called = self._names(language, instance["theme"])
        working = Working(language, short, called, teller)
        working.find_all()
        teller.close("closing", working.answer(), gloss=short["asked"])

    def natural(self, problem: Problem, answer: str) -> bool:
        """A word that the prompt shows with another meaning would be noticed."""
        language = Language.of(problem.metadata["instance"])
        return answer not in map(language.spelt, language.words)

    def _names(self, language: Language, theme: str) -> tuple[dict[str, str], dict[str, str]]:
        """How roots and values are called: `“fish”` or `the plural`, and `the root of “fish”`."""
        features = self.words.themes[theme]["features"]
        short = {root: quoted(root) for root in language.roots}
        called = {root: f"the root of {quoted(root)}" for root in language.roots}
        for feature, values in language.features.items():
            for value in values:
                short[value] = features[feature][value][1]
                called[value] = f"the part for {short[value]}" if short[value].startswith("“") else short[value]
        return short | {"asked": quoted(self._gloss(theme, language, language.asked))}, called

    def _gloss(self, theme: str, language: Language, meaning: Meaning) -> str:
        """`with my birds`, `sadly they will sing`."""
        words = self.words.themes[theme]
        named = dict(zip(language.features, meaning[1:], strict=True))
        texts = {name: words["features"][name][value][0] for name, value in named.items()}
        forms = words["roots"][meaning[0]].split("/")
        text = words["gloss"].format(**{name: part.format(*forms) for name, part in (words["plain"] | texts).items()})
        return " ".join(text.split())

    def _prompt(self, language: Language, instance: dict[str, Any], rng: Random) -> str:
        theme = instance["theme"]
        words, say, tell = self.words.themes[theme], Voice(self.words.phrases, rng), Voice(self.words.theme(theme), rng)
        features = joined([words["described"][name] for name in language.features])
        parts = f"one part each for {features}" if len(language.features) > 1 else f"a part for {features}"
        told = [tell("intros", people=instance["people"]), say("built", unit=words["unit"], parts=parts)]
        if len(language.orders) == 1:
            told.append(say("order_known", order=", ".join(language.order)))
        else:
            told.append(say("root_first" if all(order[0] == "root" for order in language.orders) else "order_free"))
        told.append(say("lengths", but=self._exception(language, say)))
        shown = rng.sample(language.words, len(language.words))
        lines = [f"{language.spelt(word)}: {self._gloss(theme, language, word)}" for word in shown]
        asked = f"{say('ask', gloss=self._gloss(theme, language, language.asked))} {say('form')}"
        return f"{' '.join(told)}\n\n{chr(10).join(lines)}\n\n{asked}"

    def _exception(self, language: Language, say: Voice) -> str:
        rule = language.rule
        if rule is None:
            return ""
        choices = " or ".join(quoted(one) for one in rule.choices)
        if rule.kind == "shift":
            where = " or ".join(map(quoted, rule.where))
            return say("but_shift", where=where, letters=quoted(rule.letters), choices=choices)
        return say("but_meeting", first=quoted(rule.letters[0]), second=quoted(rule.letters[1]), choices=choices)


def premises_of(language: Language) -> tuple[Claim, ...]:
    """The parts as variables, the shown words and the one that is asked for."""
    variables: dict[str, Any] = {root: {"letters": _LETTERS, "length": list(ROOT_LETTERS)} for root in language.roots}
    for values in language.features.values():
        variables |= {value: {"letters": _LETTERS, "length": list(PART_LETTERS)} for value in values}
    variables["asked"] = {"letters": _LETTERS, "length": [1, _LONGEST_WORD]}
    if len(language.orders) > 1:
        variables["order"] = ["-".join(order) for order in language.orders]
    if language.rule:
        variables[language.rule.kind] = list(language.rule.choices)
    claims = [enumeration(equal(language.formula(one, language.orders), language.spelt(one))) for one in language.words]
    asked = enumeration(f"(= asked {language.formula(language.asked, language.orders)})")
    return (Claim("variables", variables), *claims, asked)


def group_of(language: Language) -> str:
    """One text for all languages that differ only in what their words mean."""
    words = sorted(language.pieces(word, language.texts) for word in language.words)
    asked = [language.texts[part] for part in language.in_order(language.asked)]
    return canonical_json([words, asked, len(language.orders), list(language.rule or ())])
