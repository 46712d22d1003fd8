"""A solution told step by step, with the places where mistakes are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from tracemill.records import premise
from tracemill.tasks.kit.teller import DeadEnd, Recheck, Ref, Teller, entailment, flat
from tracemill.tasks.kit.words import filled
from tracemill.tasks.word_problem.moves import SHARES, Move, Reckoning, Sum, reckonings_of, stated_in
from tracemill.tasks.word_problem.story import share_of

_LEAD = 0.35
_SETUPS = {"terse": 0.0, "normal": 0.1, "thorough": 0.5}
_ENDS = {"terse": 0.05, "normal": 0.5, "thorough": 0.85}
"""The shares of steps that are first written down as a calculation, and of solutions that say the result again."""
_OTHERS = {"+": ("-", "×"), "-": ("+",), "×": ("+", "-", "÷"), "÷": ("-", "×")}
"""By which operations one is replaced in a mistake."""
_LEAST = 2


class Telling:
    """One solution. `known`: the value of each symbol so far, and what stands for it."""

    def __init__(self, moves: Sequence[Move], named: Mapping[str, str], asides: Sequence[int], teller: Teller) -> None:
        self.moves, self.named, self.teller, self.rng = moves, named, teller, teller.rng
        self.steps = reckonings_of(moves)
        self.numbers = sorted({*stated_in(moves), *asides})
        self.unit = named["priced"] if moves[-1].kind == "price" else named["things"]
        self.known: dict[str, tuple[int, Ref]] = {}
        self.ends = self.rng.random() < _ENDS[teller.detail]
        self._last: tuple[Reckoning, Sum, int] | None = None

    def tell(self) -> int:
        """The whole story up to the end; the answer."""
        if self.rng.random() < _LEAD:
            self.teller.lead("opening", who=self.named["who"])
        at = 0
        while at < len(self.steps):
            pair = at + 1 < len(self.steps) and not self.steps[at + 1].begins
            count = 2 if pair else 1
            if not self._forgotten(at, count):
                if pair and not self.teller.tells("normal"):
                    self._at_once(at)
                else:
                    self._one(at)
                    if pair and not self._forgotten(at + 1, 1):
                        self._one(at + 1)
            at += count
        symbol = self.steps[-1].symbol
        answer, ref = self.known[symbol]
        if self.ends:
            self.teller.say("end", entailment(f"(= {symbol} {answer})"), [ref], v=answer, unit=self.unit)
        self._check()
        return answer

    def _forgotten(self, at: int, count: int) -> bool:
        """Whether the next `count` calculations are passed over: then the number before them stands for what they come
        to. Only where it is said afterwards."""
        step, last = self.steps[at], self.steps[at + count - 1]
        said = at + count < len(self.steps) or self.ends
        if not at or not said:
            return False
        stands, ref = self.known[self.steps[at - 1].symbol]
        right = self._right(step)
        if count == 2:
            part = int(right.value)
            right = self._right(last, {step.symbol: part})
        value = right.value
        forgotten = self.teller.site(
            "step_forgotten",
            False,
            [value != stands],
            f"{right.text} is {value}, and that comes before anything else.",
            lambda: self._recheck(last, right),
            lambda _: str(stands),
            doubtful=False,
        )
        if forgotten:
            self.known[last.symbol] = stands, ref
        return forgotten

    def _one(self, at: int) -> None:
        """A calculation; perhaps first as it stands, then its result."""
        step = self.steps[at]
        sets_up = self.rng.random() < _SETUPS[self.teller.detail] and step.op != "given"
        if step.op == "given":
            self._start(at)
            return
        shown = self._calculation(step)
        uses: list[int | Ref] = [premise(at + 1), *self._refs(step)]
        if sets_up:
            claim = entailment(f"(= {step.symbol} {shown.term})")
            uses = [self.teller.say("setup", claim, uses, label=self._label(step), sum=shown.text)]
        value = self._result(step, shown)
        claim = entailment(f"(= {step.symbol} {value})")
        ref = self.teller.say(step.key, claim, uses, "terse", **self._words(step, shown, value))
        self.known[step.symbol] = value, ref
        self._last = step, shown, value

    def _start(self, at: int) -> None:
        """What is given at the beginning: said only at times, since it is no calculation."""
        step = self.steps[at]
        number = int(step.a)
        ref: Ref = (premise(at + 1),)
        if self.rng.random() < _SETUPS[self.teller.detail]:
            number = self.teller.site(
                "misread_number",
                number,
                lambda: self._misread(int(step.a)),
                lambda wrong: f"The story says {step.a}, not {wrong}.",
                lambda: Recheck(
                    "the number at the beginning",
                    f"the story says {step.a}",
                    entailment(f"(= {step.symbol} {step.a})"),
                    (premise(at + 1),),
                ),
                doubtful=False,
            )
            claim = entailment(f"(= {step.symbol} {number})")
            ref = self.teller.say("start", claim, ref, a=number, who=self.named["who"], things=self.named["things"])
        self.known[step.symbol] = number, ref

    def _at_once(self, at: int) -> None:
        """A part and what there is after it came or went, in one step."""
        part, whole = self.steps[at], self.steps[at + 1]
        shown = self._calculation(part)
        value = self._result(part, shown)
        refs = self._refs(part)
        self.known[part.symbol] = value, flat([premise(at + 1), *refs])
        after = self._calculation(whole)
        amount = self._result(whole, after)
        claim = entailment(f"(and (= {part.symbol} {value}) (= {whole.symbol} {amount}))")
        uses: list[int | Ref] = [premise(at + 1), premise(at + 2), *refs, *self._refs(whole)]
        words = {"first": f"{shown.text} = {value}", **self._words(whole, after, amount)}
        ref = self.teller.say(f"{whole.key}_at_once", claim, uses, "terse", **words)
        self.known[whole.symbol] = amount, ref
        self._last = whole, after, amount

    def _right(self, step: Reckoning, also: Mapping[str, int] | None = None) -> Sum:
        """The calculation with the numbers that are known, or `also` known.

        Raises:
            DeadEnd: after a mistake it does not come to a whole number from 2 on.
        """
        values = {symbol: value for symbol, (value, _) in self.known.items()} | dict(also or {})
        a, b = (values[one] if isinstance(one, str) else one for one in (step.a, step.b))
        right = Sum(step.op, a, b, step.whole)
        if not _whole(right.value):
            raise DeadEnd
        return right

    def _calculation(self, step: Reckoning) -> Sum:
        """The calculation, or a wrong one where such a mistake is made here."""
        shown = right = self._right(step)
        for mistake, options in self._wrong(step, right).items():
            shown = self.teller.site(
                mistake,
                shown,
                [one for one in options if _natural(one) and one.value != right.value],
                lambda one: f"What is needed here is {right.text}, not {one.text}.",
                lambda: self._recheck(step, right),
                lambda one: str(one.value),
                doubtful=False,
            )
        return shown

    def _wrong(self, step: Reckoning, right: Sum) -> dict[str, list[Sum]]:
        """The calculations of those who make each mistake here; not all of them come to something."""
        counted = getattr(right, step.counts) if step.counts else 0
        stated = [side for side in ("a", "b") if isinstance(getattr(step, side), int) and step.op != "of"]
        return {
            "wrong_operation": [replace(right, op=op) for op in _OTHERS.get(step.op, ())],
            "off_by_one": [_with(right, step.counts, counted + by) for by in (1, -1) if counted],
            "misread_number": [
                _with(right, side, number) for side in stated for number in self._misread(getattr(right, side))
            ],
            "percent_base": [replace(right, a=base) for base in self._bases(right.a) if step.op == "of"],
        }

    def _result(self, step: Reckoning, shown: Sum) -> int:
        right = int(shown.value)
        near = (1, -1, 2, -2, 10) if right < 20 else (1, -1, 10, -10, 2)
        return self.teller.site(
            "arithmetic_slip",
            right,
            [right + by for by in near if right + by >= _LEAST],
            lambda value: f"{shown.text} is {right}, not {value}.",
            lambda: self._recheck(step, shown),
        )

    def _misread(self, number: int) -> list[int]:
        """Other numbers of the prompt, and the digits the other way round."""
        turned = int(str(number)[::-1])
        others = [*self.numbers, *([turned] if turned >= _LEAST else [])]
        return [other for other in others if other != number]

    def _bases(self, right: int) -> list[int]:
        """Other numbers of which one could take a share: earlier amounts, and those of the prompt."""
        return sorted({*(value for value, _ in self.known.values()), *self.numbers} - {right})

    def _recheck(self, step: Reckoning, right: Sum) -> Recheck:
        value = right.value
        claim = entailment(f"(= {right.term} {_numeral(value)})")
        return Recheck(self._label(step), f"{right.text} is {value}", claim)

    def _check(self) -> None:
        """The last calculation the other way round."""
        if self._last is None:
            return
        step, shown, value = self._last
        back = {"+": "-", "-": "+", "×": "÷", "÷": "×"}.get(shown.op)
        if back is None:
            return
        again = Sum(back, value, shown.b)
        if _whole(again.value):
            instead = "" if again.value == shown.a else str(shown.a)
            found = self._recheck(step, again)
            self.teller.check([replace(found, instead=instead)])

    def _label(self, step: Reckoning) -> str:
        """How a number is called where it is looked at again. Not drawn by the voice: rechecks are made also where
        none is told, and must leave the phrases of a solution as they are."""
        (label,) = self.teller.words.phrases[f"label_{step.key}"]
        return filled(label, {**self.named, "unit": self.unit, "share": self._share(step)})

    def _share(self, step: Reckoning) -> str:
        move = self.moves[step.move]
        return share_of(*move.numbers) if move.kind in SHARES else ""

    def _words(self, step: Reckoning, shown: Sum, value: int) -> dict[str, object]:
        calculation = {"calc": f"{shown.text} = {value}", "a": shown.a, "b": shown.b}
        return {**self.named, **calculation, "unit": self.unit, "share": self._share(step)}

    def _refs(self, step: Reckoning) -> list[Ref]:
        return [self.known[one][1] for one in (step.a, step.b) if isinstance(one, str)]


def _with(right: Sum, side: str, number: int) -> Sum:
    """The calculation with another number as its `a` or its `b`."""
    return replace(right, a=number) if side == "a" else replace(right, b=number)


def _natural(one: Sum) -> bool:
    """Whether somebody could reckon so: with numbers from 2 on, 1 being the numerator of a share, to one from 2 on."""
    return min(one.a, one.b if one.op != "of" else one.whole) >= _LEAST and _whole(one.value)


def _whole(value: Fraction) -> bool:
    return value.denominator == 1 and value >= _LEAST


def _numeral(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"(/ {value.numerator} {value.denominator})"
