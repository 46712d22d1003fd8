"""How a person finds the parts of words: compare words that differ in one part, cut one of them, subtract what is known
from others, and put together what is asked for. Places where a mistake could be made are marked as sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracemill.records import premise
from tracemill.tasks.invented_language.language import (
    Language,
    Meaning,
    both,
    concatenated,
    enumeration,
    equal,
    order_formula,
)
from tracemill.tasks.invented_language.pieces import dashed, joined, misspelt, moved, quoted
from tracemill.tasks.kit.teller import DeadEnd, Recheck, Ref, Teller


class Found(NamedTuple):
    """How a part is spelt, and the step that says so."""

    text: str
    ref: Ref


class Working:
    """One solution while it is being told. `short` and `called` name each root and value, as in `“fish”` and `the root
    of “fish”`. `ordered` and `rule` are the steps that state the order and what a letter becomes, where they do."""

    def __init__(self, language: Language, short: Mapping[str, str], called: Mapping[str, str], teller: Teller) -> None:
        self.language, self.short, self.called = language, short, called
        self.teller, self.rng = teller, teller.rng
        self.premises = {meaning: premise(at) for at, meaning in enumerate(language.words, start=1)}
        self.spelt = {meaning: language.spelt(meaning) for meaning in language.words}
        self.known: dict[str, Found] = {}
        self.ordered: Ref = ()
        self.rule: Ref = ()
        self.miscompared: dict[str, str] = {}
        """What a value was taken for when two words were compared wrongly."""
        self.used = {language.base}

    def find_all(self) -> None:
        """Every part of the word that is asked for, and the rule where it has one.

        Raises:
            DeadEnd: only after a mistake.
        """
        self._cut()
        for name in self.language.asked:
            self._find(name)
        if self.language.rule and self.language.rule.kind == "meeting":
            self._meeting_found()

    # Comparing and cutting

    def _cut(self) -> None:
        """Compare the first word with those that differ in one part, and cut it."""
        language, base = self.language, self.language.base
        contrasts = [(slot, self._contrast(at)) for at, slot in enumerate(language.slots)]
        self.rng.shuffle(contrasts)
        compared = [self._compared(slot, other) for slot, other in contrasts]
        parts = language.in_order(base)
        spelt = self._miscut([language.texts[part] for part in parts])
        spelt = [self._copied(base, part, text) for part, text in zip(parts, spelt, strict=True)]
        free = len(language.orders) > 1
        claims = [order_formula(language.order)] * free + [equal(*pair) for pair in zip(parts, spelt, strict=True)]
        ref = self.teller.say(
            "cut" if self.teller.tells("normal") else "cut_compared",
            enumeration(both(claims)),
            [*compared, self.premises[base]],
            word=quoted(self.spelt[base]),
            cut=dashed(spelt),
            parts=self._listed(parts, spelt),
            others=joined([quoted(self.spelt[other]) for _, other in contrasts]),
            order=self.teller.voice("in_order", order=", ".join(language.order)) if free else "",
        )
        self.known |= {part: Found(text, ref) for part, text in zip(parts, spelt, strict=True)}
        self.ordered = ref if free else ()

    def _contrast(self, at: int) -> Meaning:
        """The word that differs from the first in one part, also in its first and last letter (see `inventing`)."""
        base = self.language.base
        other = (self.language.roots if at == 0 else list(self.language.features.values())[at - 1])[1]
        return (*base[:at], other, *base[at + 1 :])

    def _compared(self, slot: str, other: Meaning) -> Ref:
        at, base = self.language.slots.index(slot), self.language.base
        a, b = base[at], other[at]
        x, y = self.language.texts[a], self.language.texts[b]
        if self.teller.tells("normal"):
            y = self._shared(other, b, y, longer=True)
            if y != self.language.texts[b]:
                self.miscompared[b] = y
        return self.teller.say(
            "contrast",
            enumeration(f'(and (str.contains {a} "{x}") (str.contains {b} "{y}"))'),
            [self.premises[base], self.premises[other]],
            level="normal",
            one=quoted(self.spelt[base]),
            other=quoted(self.spelt[other]),
            what=f"the {slot}",
            a=self.called[a],
            b=self.called[b],
            x=quoted(x),
            y=quoted(y),
        )

    def _miscut(self, right: list[str]) -> list[str]:
        """The parts of the first word. Where its stretches were told they are as they were."""
        if self.teller.tells("normal"):
            return right
        word = self.spelt[self.language.base]
        return self.teller.site(
            "letter_shared",
            right,
            [moved(right, at, by) for at in range(1, len(right)) for by in (-1, 1)],
            lambda wrong: f"{quoted(word)} is {dashed(right)}, not {dashed(wrong)}.",
            lambda: Recheck(
                quoted(word),
                f"it is put together from {dashed(right)}",
                enumeration(equal(concatenated(right, None), word)),
            ),
            dashed,
        )

    # Subtracting

    def _find(self, name: str) -> None:
        """Find a root or value: what is left of a word without its other parts."""
        if name in self.known:
            return
        language = self.language
        word = next(meaning for meaning in language.words if name in meaning)
        others = [part for part in language.in_order(word) if part != name]
        for other in others:
            self._find(other)
        pieces = self._rest(word, name)
        at = language.in_order(word).index(name)
        text = self.miscompared.get(name) or self._copied(word, name, self._shared(word, name, pieces[at]))
        changes = language.shifts(language.texts[word[0]])
        plain, letter, found = self._change(word) if changes else ("", "", "")
        ref = self.teller.say(
            "shift_found" if changes else "leaves",
            enumeration(both([equal(name, text), *([equal("shift", found)] if changes else [])])),
            [(self.premises[word],), self.ordered, *(self.known[other].ref for other in others)],
            word=quoted(self.spelt[word]),
            x=quoted(text),
            called=self.called[name],
            cut=dashed([*pieces[:at], text, *pieces[at + 1 :]]),
            known=joined([quoted(self.known[other].text) for other in others]),
            plain=quoted(plain),
            seen=quoted(plain.replace(letter, found)),
            letter=quoted(letter),
            found=quoted(found),
        )
        self.known[name] = Found(text, ref)
        self.rule = ref if changes else self.rule
        self.used.add(word)

    def _change(self, word: Meaning) -> tuple[str, str, str]:
        """A part of a word in which a letter has changed, as it is elsewhere; that letter, and what it became.

        Raises DeadEnd where a mistake has left no such part.
        """
        rule = self.language.rule
        assert rule is not None
        for part in word:
            if part in self.known and rule.letters in self.known[part].text:
                return self.known[part].text, rule.letters, rule.found
        raise DeadEnd

    def _rest(self, word: Meaning, name: str) -> list[str]:
        """A word cut into its parts, all but `name` known. Raises DeadEnd where they do not stand in it."""
        pieces = self.language.pieces(word, self._texts() | {name: self.language.texts[name]})
        if self.language.joined(pieces) != self.spelt[word]:
            raise DeadEnd
        return pieces

    def _texts(self) -> dict[str, str]:
        return {part: found.text for part, found in self.known.items()}

    def _meeting_found(self) -> None:
        """A word in which the letters meet, with all parts known: what they become."""
        language, rule = self.language, self.language.rule
        assert rule is not None
        word = next(one for one in language.words if rule.letters in "".join(language.pieces(one, language.texts)))
        for part in word:
            self._find(part)
        pieces = [self.known[part].text for part in language.in_order(word)]
        if language.joined(pieces) != self.spelt[word]:
            raise DeadEnd
        self.rule = self.teller.say(
            "meeting_found",
            enumeration(equal("meeting", rule.found)),
            [self.premises[word], *(self.known[part].ref for part in word)],
            word=quoted(self.spelt[word]),
            plain=dashed(pieces),
            expected=quoted("".join(pieces)),
            letters=quoted(rule.letters),
            found=quoted(rule.found),
        )

    # Putting together

    def answer(self) -> str:
        """Put together the word that is asked for."""
        language, asked = self.language, self.language.asked
        self._confirm()
        texts = {part: self._chosen(at) for at, part in enumerate(asked)}
        needed = self.teller.say(
            "needed",
            enumeration(both([equal(part, texts[part]) for part in asked])),
            [self.known[part].ref for part in asked],
            level="thorough",
            gloss=self.short["asked"],
            parts=self._listed(asked, [texts[part] for part in asked]),
        )
        changes, changed = self._changed(texts, needed)
        order = self._placed(texts, needed)
        pieces = language.pieces(asked, texts) if changes else [texts[part] for part in language.in_order(asked)]
        pieces = [pieces[language.in_order(asked).index(part)] for part in order]
        word = self._slipped(pieces, language.joined(pieces) if changes else "".join(pieces))
        uses = [needed, self.ordered, self.rule, changed, (premise(len(language.words) + 1),)]
        claim = f'(= asked "{word}" {concatenated(pieces, language.rule, changes)})'
        self.teller.say("made", enumeration(claim), uses, pieces=dashed(pieces), word=quoted(word))
        self.teller.check([self._checked(one) for one in self._plain_words()])
        return word

    def _chosen(self, at: int) -> str:
        """How the part at a place of the meaning is taken to be spelt."""
        part, language = self.language.asked[at], self.language
        right, ref = self.known[part]
        if at == 0:
            return right
        shown = [word for word in language.words if word[0] == language.asked[0]]
        nearest = max(shown, key=lambda word: sum(a == b for a, b in zip(word, language.asked, strict=True)))[at]
        values = list(language.features.values())[at - 1]
        mistaken = [value for value in values if value in self.known and value not in (part, nearest)]
        for mistake, options in (("nearest_copied", [nearest]), ("value_confused", mistaken)):
            text = self.teller.site(
                mistake,
                right,
                [language.texts[value] for value in options],
                lambda wrong: f"{self.called[part].capitalize()} is {quoted(right)}, not {quoted(wrong)}.",
                lambda: Recheck(self.called[part], f"it is {quoted(right)}", enumeration(equal(part, right)), (ref,)),
                quoted,
            )
            if text != right:
                return text
        return right

    def _changed(self, texts: Mapping[str, str], needed: Ref) -> tuple[bool, Ref]:
        """What the rule makes of the parts: whether it is heeded, and the step that says so."""
        language, rule, parts = self.language, self.language.rule, self.language.in_order(self.language.asked)
        at = self._altered(parts)
        if rule is None or at is None:
            return True, ()
        plain, pieces = [texts[part] for part in parts], language.pieces(language.asked, texts)
        if rule.kind == "shift":
            before, after = quoted(plain[at]), pieces[at]
            term, forgotten = f'(str.replace_all "{plain[at]}" "{rule.letters}" shift)', plain[at]
            stated = [equal(parts[at], plain[at])]
            beside = f"{before} beside {quoted(texts[language.asked[0]])}"
        else:
            two = plain[at : at + 2]
            after, forgotten = language.joined(two), "".join(two)
            term = f'(str.replace_all (str.++ "{two[0]}" "{two[1]}") "{rule.letters}" meeting)'
            stated = [equal(part, text) for part, text in zip(parts[at : at + 2], two, strict=True)]
            beside = f"{quoted(two[0])} together with {quoted(two[1])}"
        said = self.teller.site(
            "change_forgotten",
            after,
            [forgotten],
            f"{quoted(rule.letters)} becomes {quoted(rule.found)} here.",
            lambda: Recheck(beside, f"it is spelt {quoted(after)}", enumeration(equal(term, after)), (self.rule,)),
            quoted,
        )
        ref = self.teller.say(
            "beside",
            enumeration(both([*stated, equal(term, said)])),
            [needed, self.rule],
            level="normal",
            what=beside,
            x=quoted(said),
        )
        return said == after, ref

    def _altered(self, parts: Sequence[str]) -> int | None:
        """The first of the parts that the rule changes, or changes together with the next one."""
        right = [self.language.texts[part] for part in parts]
        pieces = self.language.pieces(self.language.asked, self.language.texts)
        two = ["".join(right[at : at + 2]) for at in range(len(right))]
        changed = [right[at] != pieces[at] or self.language.joined([two[at]]) != two[at] for at in range(len(right))]
        return changed.index(True) if True in changed else None

    def _placed(self, texts: Mapping[str, str], needed: Ref) -> list[str]:
        """The parts of the word that is asked for, in order."""
        right = self.language.in_order(self.language.asked)
        free = len(self.language.orders) > 1
        claims = [order_formula(self.language.order)] * free + [equal(part, texts[part]) for part in right]
        listed = joined([quoted(texts[part]) for part in right])
        return self.teller.site(
            "order_swapped",
            right,
            [[*right[:at], right[at + 1], right[at], *right[at + 2 :]] for at in range(len(right) - 1)],
            f"The order is {', '.join(self.language.order)}.",
            lambda: Recheck(
                "the order", f"the parts in order are {listed}", enumeration(both(claims)), (needed, self.ordered)
            ),
            lambda wrong: joined([quoted(texts[part]) for part in wrong]),
        )

    def _slipped(self, pieces: Sequence[str], word: str) -> str:
        ground = equal(concatenated(pieces, self.language.rule), word)
        return self.teller.site(
            "letter_slip",
            word,
            misspelt(word),
            lambda wrong: f"{dashed(pieces)} makes {quoted(word)}, not {quoted(wrong)}.",
            lambda: Recheck("the word", f"{dashed(pieces)} makes {quoted(word)}", enumeration(ground)),
            quoted,
        )

    # Looking again

    def _shared(self, word: Meaning, name: str, right: str, longer: bool = False) -> str:
        """A part as it is seen in a word, where a letter may be taken for one of the part beside it; if only `longer`
        ones are wrong, for one of its own."""
        pieces = self.language.pieces(word, self.language.texts)
        at = self.language.in_order(word).index(name)
        wrong = [moved(pieces, place, by)[at] for place in (at, at + 1) if 0 < place < len(pieces) for by in (-1, 1)]
        wrong = [one for one in wrong if len(one) > len(right) or not longer]
        return self._seen("letter_shared", word, name, right, wrong)

    def _copied(self, word: Meaning, name: str, right: str) -> str:
        return self._seen("letter_slip", word, name, right, misspelt(right))

    def _seen(self, mistake: str, word: Meaning, name: str, right: str, wrong: Sequence[str]) -> str:
        parts, pieces = self.language.in_order(word), self.language.pieces(word, self.language.texts)
        rest = joined([quoted(piece) for part, piece in zip(parts, pieces, strict=True) if part != name])
        fact = f"{quoted(self.spelt[word])} without {rest} leaves {quoted(right)}"
        ground = enumeration(equal(concatenated(pieces, None), self.spelt[word]))
        return self.teller.site(
            mistake,
            right,
            wrong,
            lambda seen: f"{fact}, not {quoted(seen)}.",
            lambda: Recheck(self.called[name], fact, ground),
            quoted,
        )

    def _confirm(self) -> None:
        """See that a word which was not used so far has the parts that were found."""
        for word in self._plain_words():
            if word not in self.used and not (one := self._checked(word)).instead:
                cut = dashed(self.language.pieces(word, self._texts()))
                self.teller.say(
                    "confirmed", one.claim, one.uses, level="thorough", word=quoted(self.spelt[word]), cut=cut
                )
                return

    def _plain_words(self) -> list[Meaning]:
        """The words of which all parts were found, and in which nothing changes."""
        texts, words = self.language.texts, [one for one in self.language.words[1:] if self.known.keys() >= {*one}]
        return [one for one in words if self.spelt[one] == "".join(texts[part] for part in self.language.in_order(one))]

    def _checked(self, word: Meaning) -> Recheck:
        """What the parts that were found make of a word."""
        parts, spelt = self.language.in_order(word), self.spelt[word]
        pieces = [self.known[part].text for part in parts]
        made = "".join(pieces)
        fact = f"the parts {joined([quoted(piece) for piece in pieces])} make {quoted(made)}"
        put = equal(concatenated(pieces, None), made)
        if made != spelt:
            return Recheck(quoted(spelt), fact, enumeration(put), instead=quoted(spelt))
        found = [equal(part, piece) for part, piece in zip(parts, pieces, strict=True)]
        return Recheck(
            quoted(spelt), fact, enumeration(both([*found, put])), tuple(self.known[one].ref for one in word)
        )

    def _listed(self, parts: Sequence[str], texts: Sequence[str]) -> str:
        return joined([f"{quoted(text)} for {self.short[part]}" for part, text in zip(parts, texts, strict=True)])
