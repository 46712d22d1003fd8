"""How a person solves a linear system: substitution or elimination, told line by line, with or without a mistake.

Rows have integer coefficients and a rational constant. Every line claims one equation that follows from the lines and
premises it names. A seeded mistake strikes at one site, where its rule could be misapplied; all later lines reckon on
from the wrong row. Not covered here: the story (`phrases.py`) and whether a struck line is really false
(`task.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from random import Random

from tracemill.records import Claim, premise
from tracemill.tasks.linear_system import phrases
from tracemill.tasks.linear_system.rows import (
    Coefs,
    DeadEnd,
    Relation,
    Row,
    Style,
    added,
    numeral,
    row_formula,
    sum_formula,
    tidied,
)
from tracemill.tasks.linear_system.words import joined
from tracemill.tasks.task import Line


@dataclass(slots=True)
class Slip:
    """A misconception that strikes at its `target`-th site (counted from 1; 0 strikes nowhere and only counts)."""

    name: str
    target: int
    sites: int = 0
    line: int | None = None
    explanation: str = ""


class Working:
    """One solution while it is being told. `lines` grow; `rows` are the equations still in play; `known` holds each
    found value with the line that states it; `stated` is each line's equation, for the one who checks the flaw."""

    def __init__(self, relations: Sequence[Relation], style: Style, rng: Random, slip: Slip | None) -> None:
        self.style, self.rng, self.slip = style, rng, slip
        self.source = rng.choice(phrases.SOURCES)
        self.lines: list[Line] = []
        self.stated: list[tuple[Coefs, Fraction]] = []
        self.known: dict[str, tuple[Fraction, int]] = {}
        self.pivots: list[Row] = []
        self.relations = relations
        self.rows: list[Row] = []
        self.labels = 0
        self.scaled: dict[tuple[int, int], Row] = {}
        self.last: dict[tuple[str, ...], str] = {}

    def solve(self, names: Sequence[str], wanted: Sequence[str]) -> None:
        """Find `wanted` (all of `names`, or the only one that is asked for).

        Raises:
            DeadEnd: only after a mistake.
        """
        self.rows = [self._translate(relation) for relation in self.relations]
        keep = wanted[0] if len(wanted) == 1 else ""
        while not all(name in self.known for name in wanted):
            if not self._settle():
                self._eliminate([name for name in names if name != keep])

    def total(self, ask: Coefs) -> Fraction:
        """Say what `ask` comes to, from the values found."""
        value = sum((count * self.known[name][0] for name, count in ask.items()), Fraction(0))
        told = value
        if len(ask) > 1 and self._strikes("term_dropped"):
            left_out = self.rng.choice(list(ask))
            told = value - ask[left_out] * self.known[left_out][0]
            self._explain(f"{self.style.name(left_out)} is left out of the sum, which should be {value}.")
        elif self._strikes("arithmetic_slip"):
            told = self._misreckoned(value)
            self._explain(f"The sum is {value}, not {told}.")
        text = self._phrase(phrases.SUMMED, raw=self._numbers(ask), value=told)
        self._tell(text, ask, told, tuple(self.known[name][1] for name in ask))
        return told

    def check(self, relation: Relation) -> None:
        """Put the values found into an equation of the story and see that it holds."""
        left, right = self._numbers(relation.left), self._numbers(relation.right)
        if relation.constant and right:
            right += f" {'-' if relation.constant < 0 else '+'} {abs(relation.constant)}"
        text = self._phrase(
            phrases.CHECKED, source=self.source, n=relation.premise, raw=f"{left} = {right or relation.constant}"
        )
        coefs = relation.left | {name: -coef for name, coef in relation.right.items()}
        self._tell(text, coefs, relation.constant, tuple(self.known[name][1] for name in coefs))

    def fits(self, relation: Relation) -> bool:
        """Whether the values found satisfy an equation of the story, as they do not after every mistake."""
        sides = ((relation.left, 1), (relation.right, -1))
        total = sum((sign * c * self.known[name][0] for terms, sign in sides for name, c in terms.items()), Fraction(0))
        return total == relation.constant

    # Told text

    def _phrase(self, templates: tuple[str, ...], **words: object) -> str:
        """One of the templates, filled in; not the one that was taken last."""
        template = self.rng.choice([one for one in templates if one != self.last.get(templates)])
        self.last[templates] = template
        return template.format(**words)

    def _numbers(self, terms: Coefs) -> str:
        return " + ".join(
            f"{count} × {self._value(name)}" if count > 1 else self._value(name) for name, count in terms.items()
        )

    def _value(self, name: str) -> str:
        value = self.known[name][0]
        return f"({value})" if value < 0 else str(value)

    def _label(self) -> str:
        self.labels += 1
        return f"({self.labels})"

    def _tell(self, text: str, coefs: Coefs, constant: Fraction, uses: tuple[int, ...], formula: str = "") -> int:
        """Add a line claiming the equation (written as `formula` where given); its number."""
        claim = Claim("entailment", {"formula": formula or row_formula(coefs, constant)})
        self.lines.append(Line(text[:1].upper() + text[1:], claim, uses))
        self.stated.append((coefs, constant))
        return len(self.lines) - 1

    # Mistakes

    def _strikes(self, name: str) -> bool:
        """Whether the mistake `name` is made here; the line told next is then the flawed one."""
        slip = self.slip
        if slip is None or slip.name != name or slip.line is not None:
            return False
        slip.sites += 1
        if slip.sites != slip.target:
            return False
        slip.line = len(self.lines)
        return True

    def _explain(self, text: str) -> None:
        if self.slip is not None:
            self.slip.explanation = text

    def _misreckoned(self, value: Fraction) -> Fraction:
        return value + self.rng.choice((1, -1, 2, -2, 10) if abs(value) < 20 else (1, -1, 10, -10, 2))

    def _mistaken_row(self, coefs: Coefs, constant: Fraction) -> tuple[Coefs, Fraction]:
        """The row as written down: a constant may be reckoned wrongly, a term lost."""
        if self._strikes("arithmetic_slip"):
            wrong = self._misreckoned(constant)
            self._explain(f"The right side is {constant}, not {wrong}.")
            return coefs, wrong
        if len(coefs) > 1 and self._strikes("term_dropped"):
            lost = self.rng.choice(list(coefs))
            self._explain(f"The term {self.style.sum({lost: coefs[lost]})} is lost; it belongs on the left side.")
            return {name: coef for name, coef in coefs.items() if name != lost}, constant
        return coefs, constant

    # Moves

    def _translate(self, relation: Relation) -> Row:
        """Write an equation of the story with its unknowns on the left."""
        coefs = relation.left | {name: -coef for name, coef in relation.right.items()}
        if relation.right and self._strikes("sign_kept"):
            moved = self.rng.choice(list(relation.right))
            coefs[moved] = -coefs[moved]
            self._explain(f"The term with {self.style.name(moved)} changes sides but keeps its sign.")
        elif len(coefs) > 1 and self._strikes("term_dropped"):
            lost = self.rng.choice(list(coefs))
            coefs = {name: coef for name, coef in coefs.items() if name != lost}
            self._explain(f"The equation leaves out {self.style.name(lost)}, which the story mentions.")
        label = self._label()
        raw = f"{self.style.sum(relation.left)} = {self.style.sum(relation.right, relation.constant)}"
        first = phrases.TRANSLATED if relation.premise == 1 else phrases.TRANSLATED_NEXT
        text = self._phrase(
            phrases.MOVED if relation.right else first,
            source=self.source,
            n=label[1:-1],
            raw=raw,
            eq=self.style.equation(coefs, relation.constant),
            label=label,
        )
        source = self._tell(text, coefs, relation.constant, (premise(relation.premise),))
        return Row(coefs, relation.constant, source, label)

    def _settle(self) -> bool:
        """Use what is known: put a found value into a row, or find a value from a row with one unknown."""
        for at, row in enumerate(self.rows):
            if any(name in self.known for name in row.coefs):
                filled = self._fill(row)
                self.rows[at : at + 1] = [filled] if filled else []
                return True
            if len(row.coefs) <= 1:
                del self.rows[at]
                self._divide(row)
                return True
        if self.rows:
            return False
        if not self.pivots:
            raise DeadEnd
        row = self.pivots.pop()
        filled = self._fill(row) if any(name in self.known for name in row.coefs) else row
        if filled:
            self._divide(filled)
        return True

    def _divide(self, row: Row) -> None:
        """Find the value in a row with one unknown."""
        if len(row.coefs) != 1:
            raise DeadEnd
        ((name, coef),) = row.coefs.items()
        if coef == 1:
            self.known[name] = (row.constant, row.source)
            return
        value = self._quotient(name, coef, row.constant)
        # Who subtracts does not say that he divides.
        templates = phrases.VALUE_SO if value == row.constant - coef else phrases.VALUE
        text = self._phrase(templates, k=coef, eq=f"{self.style.name(name)} = {value}")
        self.known[name] = (value, self._tell(text, {name: 1}, value, (row.source,)))

    def _quotient(self, name: str, coef: int, constant: Fraction) -> Fraction:
        value = constant / coef
        if abs(coef) > 1 and self._strikes("coefficient_subtracted"):
            shown = self.style.name(name)
            self._explain(f"{coef} multiplies {shown}, so the right side is divided by it, which gives {value}.")
            return constant - coef
        if self._strikes("arithmetic_slip"):
            wrong = self._misreckoned(value)
            self._explain(f"{constant} divided by {coef} is {value}, not {wrong}.")
            return wrong
        return value

    def _fill(self, row: Row) -> Row | None:
        """Put the known values into a row and bring them to the right side; none where that gave a value at once."""
        found = [name for name in row.coefs if name in self.known]
        rest = {name: coef for name, coef in row.coefs.items() if name not in self.known}
        if not rest:
            raise DeadEnd
        text = self._phrase(
            phrases.FILLED,
            known=joined([f"{self.style.name(name)} = {self.known[name][0]}" for name in found]),
            src=row.label,
            raw=f"{self._filled(rest, row.coefs, found)} = {row.constant}",
        )
        uses = (row.source, *(self.known[name][1] for name in found))
        moved = self._worth(row.coefs, found)
        halfway = f"{self.style.sum(rest, moved)} = {row.constant}"
        if self.style.detail == 2 and not text.endswith(halfway):
            formula = f"(= {sum_formula(rest, moved)} {numeral(row.constant)})"
            uses = (self._tell(f"{text}, or {halfway}.", rest, row.constant - moved, uses, formula),)
            text = ""
        constant = self._moved_over(row.constant, moved)
        return self._finish_filling(text, rest, constant, uses)

    def _filled(self, rest: Coefs, coefs: Coefs, found: Sequence[str]) -> str:
        """The left side of a row with the found values in place of their unknowns."""
        text = self.style.sum(rest)
        for name in found:
            factor = abs(coefs[name])
            shown = self._value(name) if factor == 1 else f"{factor} × {self._value(name)}"
            text += f" {'-' if coefs[name] < 0 else '+'} {shown}"
        return text

    def _worth(self, coefs: Coefs, found: Sequence[str]) -> Fraction:
        """What the found unknowns of a row come to."""
        parts = {name: coefs[name] * self.known[name][0] for name in found}
        worth = sum(parts.values(), Fraction(0))
        if len(found) > 1 and self._strikes("term_dropped"):
            lost = self.rng.choice(found)
            self._explain(f"What {self.style.name(lost)} contributes, {parts[lost]}, is left out.")
            return worth - parts[lost]
        if self._strikes("arithmetic_slip"):
            wrong = self._misreckoned(worth)
            self._explain(f"The known terms come to {worth}, not {wrong}.")
            return wrong
        return worth

    def _moved_over(self, constant: Fraction, moved: Fraction) -> Fraction:
        if self._strikes("sign_kept"):
            self._explain(f"{moved} changes sides but keeps its sign; the right side should be {constant - moved}.")
            return constant + moved
        if self._strikes("arithmetic_slip"):
            wrong = self._misreckoned(constant - moved)
            self._explain(f"{constant} less {moved} is {constant - moved}, not {wrong}.")
            return wrong
        return constant - moved

    def _finish_filling(self, text: str, rest: Coefs, constant: Fraction, uses: tuple[int, ...]) -> Row | None:
        """Tell the row that is left; where little detail is wanted and one unknown is left, its value as well."""
        eq = self.style.equation(rest, constant)
        text = f"{text}, {self._phrase(phrases.HENCE, eq=eq)}" if text else self._phrase(phrases.HENCE_ALONE, eq=eq)
        if self.style.detail == 0 and len(rest) == 1:
            ((name, coef),) = rest.items()
            if coef != 1:
                constant = self._quotient(name, coef, constant)
                text += f" and {self.style.name(name)} = {constant}"
            self.known[name] = (constant, self._tell(f"{text}.", {name: 1}, constant, uses))
            return None
        label = self._label() if len(rest) > 1 else ""
        source = self._tell(f"{text} {label}".rstrip() + ".", rest, constant, uses)
        return Row(rest, constant, source, label)

    def _eliminate(self, names: Sequence[str]) -> None:
        """Free all rows but one of some unknown, and put that one aside for later."""
        spread = {name: [row for row in self.rows if name in row.coefs] for name in names if name not in self.known}
        spread = {name: rows for name, rows in spread.items() if rows}
        if not spread:
            raise DeadEnd
        least = min(len(rows) for rows in spread.values())
        unknown = self.rng.choice([name for name, rows in spread.items() if len(rows) == least])
        pivot = min(spread[unknown], key=lambda row: (abs(row.coefs[unknown]), len(row.coefs)))
        self.rows.remove(pivot)
        targets = [row for row in self.rows if unknown in row.coefs]
        if targets and self.style.substitute and abs(pivot.coefs[unknown]) == 1:
            pivot = self._isolate(pivot, unknown)
            freed = [self._insert(pivot, row, unknown, again=row is not targets[0]) for row in targets]
        else:
            freed = [self._combine(pivot, row, unknown) for row in targets]
        self.rows = [row for row in self.rows if unknown not in row.coefs] + freed
        self.pivots.append(pivot)

    def _isolate(self, row: Row, unknown: str) -> Row:
        """Solve a row for an unknown whose coefficient is ±1."""
        sign = row.coefs[unknown]
        rest = {name: -sign * coef for name, coef in row.coefs.items() if name != unknown}
        if rest and self._strikes("sign_kept"):
            moved = self.rng.choice(list(rest))
            rest[moved] = -rest[moved]
            self._explain(f"The term with {self.style.name(moved)} changes sides but keeps its sign.")
        constant = sign * row.constant
        told = self.style.expression(rest, constant)
        text = self._phrase(
            phrases.ISOLATED, src=row.label, u=self.style.name(unknown), eq=f"{self.style.name(unknown)} = {told}"
        )
        coefs = {unknown: 1} | {name: -coef for name, coef in rest.items()}
        formula = f"(= {unknown} {sum_formula(rest, constant)})"
        return Row(coefs, constant, self._tell(text, coefs, constant, (row.source,), formula), row.label)

    def _insert(self, pivot: Row, row: Row, unknown: str, again: bool) -> Row:
        """Put the expression that `pivot` gives for an unknown into another row, the first or (`again`) a further."""
        factor = row.coefs[unknown]
        rest = {name: -coef for name, coef in pivot.coefs.items() if name != unknown}
        inner = factor
        if factor != 1 and rest and self._strikes("partial_distribution"):
            inner = 1
            self._explain(f"The factor {factor} before the bracket reaches its constant only, not its other terms.")
        own = {name: coef for name, coef in row.coefs.items() if name != unknown}
        coefs, constant = self._mistaken_row(added(own, rest, inner), row.constant - factor * pivot.constant)
        coefs, constant, eq = self._simplified(coefs, constant)
        bracket = f"({self.style.expression(rest, pivot.constant)})"
        others = self.style.sum(own)
        raw = (f"{'-' if factor < 0 else ''}{'' if abs(factor) == 1 else f'{abs(factor)} × '}{bracket}") + (
            (f" - {others[1:]}" if others.startswith("-") else f" + {others}") if own else ""
        )
        label = self._label()
        text = self._phrase(
            phrases.INSERTED_NEXT if again else phrases.INSERTED,
            src=row.label,
            u=self.style.name(unknown),
            raw=f"{raw} = {row.constant}",
            eq=eq,
            label=label,
        )
        return Row(coefs, constant, self._tell(text, coefs, constant, (pivot.source, row.source)), label)

    def _combine(self, pivot: Row, row: Row, unknown: str) -> Row:
        """Add or subtract multiples of two rows so that an unknown drops out."""
        shared = gcd(pivot.coefs[unknown], row.coefs[unknown])
        a = self._scale(row, abs(pivot.coefs[unknown]) // shared, unknown)
        b = self._scale(pivot, abs(row.coefs[unknown]) // shared, unknown)
        adds = a.coefs[unknown] * b.coefs[unknown] < 0
        if not adds and next(iter(added(a.coefs, b.coefs, -1).values()), 0) < 0:
            a, b = b, a
        coefs = added(a.coefs, b.coefs, 1 if adds else -1)
        others = [name for name in b.coefs if name != unknown]
        if not adds and others and self._strikes("partial_distribution"):
            missed = self.rng.choice(others)
            coefs[missed] = a.coefs.get(missed, 0) + b.coefs[missed]
            coefs = {name: coef for name, coef in coefs.items() if coef}
            self._explain(f"All of {b.label} is subtracted, but the term with {self.style.name(missed)} was added.")
        coefs, constant = self._mistaken_row(coefs, a.constant + b.constant if adds else a.constant - b.constant)
        coefs, constant, eq = self._simplified(coefs, constant)
        label = self._label()
        text = self._phrase(
            phrases.ADDED if adds else phrases.SUBTRACTED,
            a=a.label,
            b=b.label,
            u=self.style.name(unknown),
            eq=eq,
            label=label,
        )
        return Row(coefs, constant, self._tell(text, coefs, constant, (a.source, b.source)), label)

    def _simplified(self, coefs: Coefs, constant: Fraction) -> tuple[Coefs, Fraction, str]:
        """The row in its smallest numbers, and both told.

        Raises:
            DeadEnd: no unknown is left.
        """
        smaller, right = tidied(coefs, constant)
        eq, told = self.style.equation(coefs, constant), self.style.equation(smaller, right)
        name = next(iter(coefs))
        k = coefs[name] // smaller[name]
        if k == -1:
            told = self._phrase(phrases.TURNED, eq=eq, smaller=told)
        elif k != 1:
            told = self._phrase(phrases.DIVIDED, eq=eq, smaller=told, k=k)
        return smaller, right, told

    def _scale(self, row: Row, factor: int, unknown: str) -> Row:
        """The row times `factor`, in a line of its own where some detail is wanted."""
        if factor == 1:
            return row
        if (row.source, factor) in self.scaled:
            return self.scaled[row.source, factor]
        coefs = {name: factor * coef for name, coef in row.coefs.items()}
        constant = factor * row.constant
        if self._strikes("one_side_scaled"):
            self._explain(f"The right side must be multiplied by {factor} as well, which makes it {constant}.")
            constant = row.constant
        elif self._strikes("arithmetic_slip"):
            wrong = self._misreckoned(constant)
            self._explain(f"{factor} times {row.constant} is {constant}, not {wrong}.")
            constant = wrong
        label = f"{factor} × {row.label}"
        if self.style.detail == 0:
            return Row(coefs, constant, row.source, label)
        text = self._phrase(
            phrases.SCALED, src=row.label, k=factor, u=self.style.name(unknown), eq=self.style.equation(coefs, constant)
        )
        told = Row(coefs, constant, self._tell(text, coefs, constant, (row.source,)), label)
        self.scaled[row.source, factor] = told
        return told
