"""Whether two readings are the same answer. Refuted: they differ in every sense that they may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from tracemill.claims.claim_checker import Ruling
from tracemill.verifiers.answer.comparing.equal_terms import Algebra, compare_expressions
from tracemill.verifiers.answer.comparing.letters import (
    bare,
    holds_sets,
    in_order_of,
    is_letter,
    letters_in,
    letters_of,
    same_letters,
)
from tracemill.verifiers.answer.comparing.relations import compare_equations, compare_inequalities, members_differ
from tracemill.verifiers.answer.grammar.expression_tree import Expression, has_pi, names_in, number
from tracemill.verifiers.answer.grammar.kinds_of_reading import (
    Based,
    Clock,
    Difference,
    Inequality,
    Infinity,
    Items,
    Matrix,
    NamedValue,
    PlainWords,
    Ratio,
    Reading,
    RealInterval,
    Residue,
    Scalar,
    StatedEquation,
    Union,
)
from tracemill.verifiers.answer.grammar.reader import as_interval
from tracemill.verifiers.answer.grammar.scalars import in_radians, plain_value, times
from tracemill.verifiers.answer.grammar.units import CENT, UNNAMED_CENTS, Unit, known, quantity, read_unit
from tracemill.verifiers.answer.question import Question

_SAME = Ruling("verified", "the same answer", strength="exact")
_OTHER = Ruling("refuted", "another answer", strength="exact")


def _unsure(reason: str) -> Ruling:
    return Ruling("unknown", reason)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`question`: what it asks for decides where the readings leave two senses."""

    algebra: Algebra
    question: Question

    def compare(self, gold: Reading, answer: Reading) -> Ruling:
        """Whether `answer` is `gold`."""
        if isinstance(gold, NamedValue) or isinstance(answer, NamedValue):
            return self._named(gold, answer)
        match gold, answer:
            case Scalar(), Scalar():
                return self._scalars(gold, answer)
            case PlainWords(), _:
                return self._words(gold, answer)
            case _, PlainWords():
                if answer.product is not None and isinstance(gold, Scalar):
                    return self._terms(gold.term, answer.product)
                return _unsure("words beside a value")
            case (Infinity(), _) | (_, Infinity()):
                return _SAME if gold == answer else _OTHER
            case (Clock() | Ratio(), _) | (_, Clock() | Ratio()):
                return self._ratios(gold, answer)
            case (Based(), _) | (_, Based()):
                return self._based(gold, answer)
            case (Difference(), _) | (_, Difference()):
                return _SAME if gold == answer else _unsure("a difference of sets that is not worked out")
            case Residue(), Residue():
                same = self._all([(gold.modulus, answer.modulus)])
                if same.outcome != "verified":
                    return same
                return _modulo(gold, answer)
            case Matrix(), Matrix():
                return self._matrices(gold, answer)
        return self._compounds(gold, answer)

    def _compounds(self, gold: Reading, answer: Reading) -> Ruling:
        match gold, answer:
            case (Matrix(rows=rows), Items(brackets="()", items=items)) | (
                Items(brackets="()", items=items),
                Matrix(rows=rows),
            ):
                cells = [Scalar(cell) for row in rows for cell in row]
                if min(len(rows), len(rows[0])) == 1 and len(cells) == len(items):
                    return self._ordered(cells, items)
                return _unsure("a matrix beside a tuple")
            case Items(), Items():
                return self._items(gold, answer)
            case StatedEquation(), StatedEquation():
                return compare_equations(gold, answer)
            case Inequality(), Inequality() if not (as_interval(gold) and as_interval(answer)):
                return compare_inequalities(gold, answer)
        one, other = _parts(gold), _parts(answer)
        if one is not None and other is not None:
            return self._unions(one, other)
        return self._one_beside_many(gold, answer)

    def _one_beside_many(self, gold: Reading, answer: Reading) -> Ruling:
        """The only solution is the same as the set of it; several values, or a range of them, are not one."""
        for many, other in ((gold, answer), (answer, gold)):
            match many, other:
                case Items(brackets="{}", items=(only,)), Scalar():
                    return self.compare(*((only, other) if many is gold else (other, only)))
                case Items(brackets="" | "{}", items=(_, _, *_)), Scalar(unit=None):
                    return _OTHER
                case Inequality() | RealInterval() | Union(), Scalar(unit=None):
                    return _OTHER
        return _unsure("answers of two kinds")

    def _named(self, gold: Reading, answer: Reading) -> Ruling:
        if isinstance(gold, NamedValue) and isinstance(answer, NamedValue):
            letters, others = letters_of(gold), letters_of(answer)
            if letters and others and letters != others:
                if sorted(letters) != sorted(others):
                    return _unsure("the values of other letters")
                answer = in_order_of(letters, answer, others)
            values = self.compare(gold.value, answer.value)
            if bare(gold.name) == bare(answer.name) or not is_letter(gold.name) or not is_letter(answer.name):
                return values
            return values if values.outcome == "refuted" else _unsure("the value of another letter")
        equations = _equation(gold), _equation(answer)
        if isinstance(gold, StatedEquation) or isinstance(answer, StatedEquation):
            if all(equations):
                return compare_equations(*equations)  # type: ignore[arg-type]
            return _unsure("an equation beside what is none")
        return self.compare(*(one.value if isinstance(one, NamedValue) else one for one in (gold, answer)))

    def _scalars(self, gold: Scalar, answer: Scalar) -> Ruling:
        if gold.percent != answer.percent:
            return self._percent(gold, answer)
        one, other = gold.unit, answer.unit
        if one and other and one != other:
            if one.dimension != other.dimension:
                if quantity(one) == quantity(other):
                    return _unsure("in another unit of the same quantity")
                return self._not_verified(self._terms(gold.term, answer.term), "in another unit")
            return self._terms(times(gold.term, one.factor), times(answer.term, other.factor))
        ruling = self._terms(gold.term, answer.term)
        if ruling.outcome == "verified" and CENT in (one, other) and one != other and not self.question.asks_cents:
            return _unsure(UNNAMED_CENTS)
        if ruling.outcome != "verified" and ((one and names_in(answer.term)) or (other and names_in(gold.term))):
            return _unsure("a letter that may be a unit")
        if ruling.outcome == "refuted" and one and not other and one.dimension == (("degree", 1),):
            return self._terms(in_radians(gold.term), answer.term) if has_pi(answer.term) else ruling
        if ruling.outcome == "refuted" and other and not one:
            if other.dimension == (("degree", 1),):
                return self._terms(gold.term, in_radians(answer.term))
            if self._in_other_units(gold, answer, other):
                return _unsure("equal in another unit of the question")
        return ruling

    def _in_other_units(self, gold: Scalar, answer: Scalar, unit: Unit) -> bool:
        # In one order: the first that is equal ends the search, and algebra is asked a limited number of times.
        words = sorted(self.question.words & known().units.keys())
        sizes = dict.fromkeys(one for word in words if (one := read_unit(word)))
        return any(
            one.dimension == unit.dimension
            and self._terms(times(gold.term, one.factor), times(answer.term, unit.factor)).outcome == "verified"
            for one in sizes
        )

    def _percent(self, gold: Scalar, answer: Scalar) -> Ruling:
        """20 and 20% are the same where a percentage is asked for; 1/4 and 25% always."""
        as_written = self._terms(gold.term, answer.term)
        if as_written.outcome == "verified":
            return (
                as_written
                if self.question.asks_percent
                else _unsure("a percentage, and it is not said if one is meant")
            )
        shares = [times(one.term, Fraction(1, 100)) if one.percent else one.term for one in (gold, answer)]
        ruling = self._terms(*shares)
        if ruling.outcome == "verified" and answer.percent and (plain_value(gold.term) or Fraction(1)).denominator == 1:
            return Ruling("refuted", "a percentage, where none is expected", strength="exact")
        return ruling

    def _words(self, gold: PlainWords, answer: Reading) -> Ruling:
        if not isinstance(answer, PlainWords):
            if gold.product is not None and isinstance(answer, Scalar):
                return self._terms(gold.product, answer.term)
            return _unsure("a value beside words")
        if gold.text == answer.text:
            return (
                _SAME
                if same_letters(gold, answer, self.question.of_chemistry)
                else _unsure("the same letters, but for their capitals")
            )
        if sorted(gold.text) == sorted(answer.text):
            return _unsure("the expected letters in another order: a product, or another word")
        if " " in gold.text + answer.text:
            return _unsure("other words")
        return _OTHER

    def _ratios(self, gold: Reading, answer: Reading) -> Ruling:
        if isinstance(gold, Clock) and isinstance(answer, Clock):
            return self._clocks(gold, answer)
        one, other = _ratio_of(gold), _ratio_of(answer)
        if one is None or other is None:
            return _unsure("a time or a ratio beside what is none")
        if len(one) != len(other):
            return _OTHER
        if self._all(zip(one, other, strict=True)).outcome == "verified":
            mixed = type(gold) is not type(answer) and (isinstance(gold, Clock) or isinstance(answer, Clock))
            return _unsure("a time beside a ratio") if mixed else _SAME
        if isinstance(gold, Clock) and not self.question.asks_ratio:
            return _unsure("a time beside a ratio")
        return self._proportional(one, other)

    def _proportional(self, one: Sequence[Expression], other: Sequence[Expression]) -> Ruling:
        pairs = [(Expression("*", (one[0], other[k])), Expression("*", (one[k], other[0]))) for k in range(1, len(one))]
        zeros = any(plain_value(part) == 0 for part in (*one, *other))
        return _unsure("a ratio with 0") if zeros else self._all(pairs)

    def _clocks(self, gold: Clock, answer: Clock) -> Ruling:
        if gold.seconds == answer.seconds:
            return _SAME
        if bool(gold.half) != bool(answer.half) and (gold.seconds - answer.seconds) % 43_200 == 0:
            return _unsure("by a clock of twelve hours")
        one, other = (tuple(map(number, clock.parts)) for clock in (gold, answer))
        alike = not gold.half and not answer.half and len(one) == len(other) and 0 not in gold.parts + answer.parts
        if alike and self._proportional(one, other).outcome == "verified":
            return _SAME if self.question.asks_ratio else _unsure("another time, but the same ratio")
        return _OTHER

    def _based(self, gold: Reading, answer: Reading) -> Ruling:
        if isinstance(gold, Based) and isinstance(answer, Based):
            if gold.value != answer.value:
                return _OTHER
            return _SAME if gold == answer else _unsure("the same value in another base")
        based, other = (gold, answer) if isinstance(gold, Based) else (answer, gold)
        value = plain_value(other.term) if isinstance(other, Scalar) else None
        if not isinstance(based, Based) or value is None:
            return _unsure("a number in a base beside something else")
        if str(value) == based.digits:
            asked = isinstance(gold, Based) and self.question.asks_base
            return _SAME if asked else _unsure("the same digits, without their base")
        return _unsure("the same value in another base") if value == based.value else _OTHER

    def _matrices(self, gold: Matrix, answer: Matrix) -> Ruling:
        if (len(gold.rows), len(gold.rows[0])) != (len(answer.rows), len(answer.rows[0])):
            return _OTHER
        rows = zip(gold.rows, answer.rows, strict=True)
        return self._all(pair for one, other in rows for pair in zip(one, other, strict=True))

    def _items(self, gold: Items, answer: Items) -> Ruling:
        brackets = {gold.brackets, answer.brackets}
        if "{}" in brackets and len(brackets) > 1:
            # The only solution is the same as the set of it.
            for many, other in ((gold, answer), (answer, gold)):
                match many:
                    case Items(brackets="{}", items=(Items(brackets="()" | "[]") as only,)) if other.brackets != "{}":
                        return self.compare(*((only, other) if many is gold else (other, only)))
        if brackets == {"{}"} and holds_sets(gold) != holds_sets(answer):
            return _unsure("a set of sets beside one of values")
        if letters_in(gold) != letters_in(answer) and (letters_in(gold) or letters_in(answer)):
            same = self._ordered(gold.items, answer.items)
            return same if same.outcome != "refuted" else _unsure("values of several letters, not all named")
        if brackets == {"()", "[]"}:
            same = self._ordered(gold.items, answer.items)
            if same.outcome != "verified":
                return same
            return _OTHER if self.question.asks_interval else _unsure("brackets of two kinds")
        if brackets <= {"()", "[]"}:
            return self._ordered(gold.items, answer.items)
        unordered = self._matched(gold.items, answer.items)
        if brackets <= {"", "{}"} or unordered.outcome != "verified":
            return unordered
        if "{}" in brackets:
            return _unsure("a set beside a tuple")
        ordered = self._ordered(gold.items, answer.items)
        return ordered if ordered.outcome == "verified" else _unsure("in another order")

    def _ordered(self, gold: Sequence[Reading], answer: Sequence[Reading]) -> Ruling:
        if len(gold) != len(answer):
            return _OTHER
        return _joined(self.compare(one, other) for one, other in zip(gold, answer, strict=True))

    def _matched(self, gold: Sequence[Reading], answer: Sequence[Reading]) -> Ruling:
        for items in (gold, answer):
            if any(self.compare(one, other).outcome == "verified" for one, other in combinations(items, 2)):
                return _unsure("a list that names a value twice")
        if len(gold) != len(answer):
            return _OTHER
        left, found = list(answer), []
        for one in gold:
            rulings = [self.compare(one, other) for other in left]
            hit = next((k for k, ruling in enumerate(rulings) if ruling.outcome == "verified"), None)
            if hit is None:
                refuted = all(ruling.outcome == "refuted" for ruling in rulings)
                return _weakest(rulings, "refuted") if refuted else _unsure("a list that was not compared in full")
            found.append(rulings[hit])
            del left[hit]
        return _weakest(found, "verified")

    def _unions(self, gold: tuple[RealInterval, ...], answer: tuple[RealInterval, ...]) -> Ruling:
        letters = [{part.letter for part in parts if part.letter} for parts in (gold, answer)]
        if letters[0] and letters[1] and letters[0] != letters[1]:
            return _unsure("ranges of other letters")
        if len(gold) == len(answer) == 1:
            return self._intervals(gold[0], answer[0])
        left = list(answer)
        for one in gold:
            hit = next((other for other in left if self._intervals(one, other).outcome == "verified"), None)
            if hit is None:
                break
            left.remove(hit)
        else:
            if not left:
                return _SAME
        differ = members_differ(gold, answer)
        return Ruling("refuted", "another set", strength="tested") if differ else _unsure("unions not shown equal")

    def _intervals(self, gold: RealInterval, answer: RealInterval) -> Ruling:
        bounds = _joined(
            (_SAME if one == other else _OTHER)
            if isinstance(one, Infinity) or isinstance(other, Infinity)
            else compare_expressions(one, other, self.algebra)
            for one, other in ((gold.low, answer.low), (gold.high, answer.high))
        )
        if bounds.outcome != "verified" or (gold.left, gold.right) == (answer.left, answer.right):
            return bounds
        ends = zip((gold.low, gold.high), (gold.left, gold.right), (answer.left, answer.right), strict=True)
        if all(isinstance(bound, Infinity) or one == other for bound, one, other in ends):
            return bounds
        return _OTHER if gold.sure or answer.sure else _unsure("brackets of two kinds")

    def _terms(self, gold: Expression, answer: Expression) -> Ruling:
        return compare_expressions(gold, answer, self.algebra)

    def _all(self, pairs: Iterable[tuple[Expression, Expression]]) -> Ruling:
        return _joined(self._terms(one, other) for one, other in pairs)

    @staticmethod
    def _not_verified(ruling: Ruling, reason: str) -> Ruling:
        return ruling if ruling.outcome == "refuted" else _unsure(reason)


def _joined(rulings: Iterable[Ruling]) -> Ruling:
    """All verified, or one refuted; nothing more is compared after that."""
    found: list[Ruling] = []
    for ruling in rulings:
        if ruling.outcome == "refuted":
            return ruling
        found.append(ruling)
    undecided = [ruling for ruling in found if ruling.outcome != "verified"]
    return undecided[0] if undecided else _weakest(found, "verified") if found else _SAME


def _weakest(rulings: Sequence[Ruling], outcome: str) -> Ruling:
    tested = [ruling for ruling in rulings if ruling.strength == "tested"]
    return tested[0] if tested else rulings[0] if rulings else _SAME if outcome == "verified" else _OTHER


def _parts(reading: Reading) -> tuple[RealInterval, ...] | None:
    if isinstance(reading, Union):
        return reading.parts
    interval = as_interval(reading)
    return None if interval is None else (interval,)


def _equation(reading: Reading) -> StatedEquation | None:
    if isinstance(reading, StatedEquation):
        return reading
    if isinstance(reading, NamedValue) and is_letter(reading.name) and isinstance(reading.value, Scalar):
        return StatedEquation(Expression("name", name=bare(reading.name)), reading.value.term)
    return None


def _ratio_of(reading: Reading) -> tuple[Expression, ...] | None:
    match reading:
        case Ratio(parts=parts):
            return parts
        case Clock(parts=whole, half=""):
            return tuple(map(number, whole))
        case Scalar(term=term, unit=None, percent=False) if (value := plain_value(term)) and value.denominator > 1:
            return number(value.numerator), number(value.denominator)
    return None


def _modulo(gold: Residue, answer: Residue) -> Ruling:
    values = [plain_value(term) for term in (gold.value, answer.value, gold.modulus)]
    if None in values or not values[2]:
        return _unsure("residues that are no numbers")
    return _SAME if (values[0] - values[1]) % values[2] == 0 else _OTHER  # type: ignore[operator]
