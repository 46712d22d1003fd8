"""How a person solves a linear system: substitution or elimination, told step by step.

Rows have integer coefficients and a rational constant; every step claims one equation that follows from the steps and
premises it names. Places where a mistake could be made are marked as sites. Not covered here: the story (`task.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd

from tracemill.records import premise
from tracemill.tasks.kit.teller import DeadEnd, Recheck, Ref, Teller, entailment
from tracemill.tasks.linear_system.rows import (
    Coefs,
    Relation,
    Row,
    Style,
    added,
    joined,
    numeral,
    row_formula,
    sum_formula,
    tidied,
)

NTH = ("", "first", "second", "third", "fourth", "fifth")
SOURCES = ("clue", "fact", "statement", "condition", "sentence")
"""What an equation of the story is called."""


class Working:
    """One solution while it is being told. `rows` are the equations still in play; `known` holds each found value with
    the step that states it."""

    def __init__(self, relations: Sequence[Relation], style: Style, teller: Teller) -> None:
        self.relations, self.style, self.teller, self.rng = relations, style, teller, teller.rng
        self.source = self.rng.choice(SOURCES)
        self.known: dict[str, tuple[Fraction, Ref]] = {}
        self.pivots: list[Row] = []
        self.rows: list[Row] = []
        self.labels = 0
        self.scaled: dict[tuple[str, int], Row] = {}

    def solve(self, names: Sequence[str], wanted: Sequence[str]) -> None:
        """Find `wanted` (all of `names`, or some of them).

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
        raw, parts = self._numbers(ask), {name: count * self.known[name][0] for name, count in ask.items()}
        value = sum(parts.values(), Fraction(0))
        if len(ask) > 1:
            value = self._ground("term_dropped", value, [value - part for part in parts.values()], raw, self._term(ask))
        value = self._reckoned(value, raw, self._term(ask), "the sum")
        claim = entailment(row_formula(ask, value))
        self.teller.say("total", claim, [self.known[name][1] for name in ask], raw=raw, value=value)
        return value

    def check(self) -> None:
        """Put the values found into an equation of the story, and see whether it holds."""
        self.teller.check(
            [self._checked(each) for each in self.relations if {*each.left, *each.right} <= self.known.keys()]
        )

    def _checked(self, relation: Relation) -> Recheck:
        left, right = self._numbers(relation.left), self._numbers(relation.right)
        if relation.constant or not right:
            sign = "-" if relation.constant < 0 else "+"
            right = f"{right} {sign} {abs(relation.constant)}" if right else str(relation.constant)
        values = [self._worth(side) for side in (relation.left, relation.right)]
        of = f"the {NTH[relation.premise]} {self.source}"
        if values[0] == values[1] + relation.constant:
            coefs = relation.left | {name: -coef for name, coef in relation.right.items()}
            uses = tuple(self.known[name][1] for name in coefs)
            return Recheck(of, f"{left} = {right}", entailment(row_formula(coefs, relation.constant)), uses)
        wanted = values[1] + relation.constant
        other = f"(+ {self._term(relation.right)} {numeral(relation.constant)})" if relation.right else numeral(wanted)
        claim = f"(and (= {self._term(relation.left)} {numeral(values[0])}) (= {other} {numeral(wanted)}))"
        instead = f"{right} = {wanted}" if relation.right else str(wanted)
        return Recheck(of, f"{left} is {values[0]}", entailment(claim), instead=instead)

    # Words

    def _numbers(self, terms: Coefs) -> str:
        return " + ".join(
            f"{count} × {self._value(name)}" if count > 1 else self._value(name) for name, count in terms.items()
        )

    def _value(self, name: str) -> str:
        return bracketed(self.known[name][0])

    def _term(self, terms: Coefs) -> str:
        """The sum with numbers in place of the unknowns, as an SMT-LIB term."""
        parts = [f"(* {numeral(count)} {numeral(self.known[name][0])})" for name, count in terms.items()]
        return parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"

    def _worth(self, terms: Coefs) -> Fraction:
        return sum((count * self.known[name][0] for name, count in terms.items()), Fraction(0))

    def _label(self) -> str:
        self.labels += 1
        return f"({self.labels})"

    # Places for mistakes

    def _ground(
        self, mistake: str, right: Fraction, wrong: Sequence[Fraction], text: str, term: str, of: str = "the sum"
    ) -> Fraction:
        """A number that comes out of the calculation `text`, `term` in SMT-LIB."""
        return self.teller.site(
            mistake,
            right,
            wrong,
            lambda value: f"{text} is {right}, not {value}.",
            lambda: Recheck(of, f"{text} is {right}", entailment(f"(= {term} {numeral(right)})")),
        )

    def _reckoned(self, right: Fraction, text: str, term: str, of: str) -> Fraction:
        steps = (1, -1, 2, -2, 10) if abs(right) < 20 else (1, -1, 10, -10, 2)
        return self._ground("arithmetic_slip", right, [right + step for step in steps], text, term, of)

    def _coefs(
        self,
        mistake: str,
        right: Coefs,
        wrong: Sequence[Coefs],
        constant: Fraction,
        recheck: tuple[str, str, Sequence[Ref]],
    ) -> Coefs:
        """The left side of a row; `recheck`: what is looked at, what comes to it, and what it rests on."""
        of, what, uses = recheck
        return self.teller.site(
            mistake,
            right,
            [coefs for coefs in wrong if coefs],
            lambda coefs: f"The left side is {self.style.sum(right)}, not {self.style.sum(coefs)}.",
            lambda: Recheck(
                of,
                f"{what} {self.style.equation(right, constant)}",
                entailment(row_formula(right, constant)),
                tuple(uses),
            ),
            lambda coefs: self.style.equation(coefs, constant),
        )

    # Moves

    def _translate(self, relation: Relation) -> Row:
        """Write an equation of the story with its unknowns on the left."""
        coefs = relation.left | {name: -coef for name, coef in relation.right.items()}
        label, nth = self._label(), NTH[relation.premise]
        uses: list[Ref] = [(premise(relation.premise),)]
        recheck = (label, f"the {nth} {self.source} comes to", uses)
        turned = [coefs | {name: -coefs[name]} for name in relation.right]
        coefs = self._coefs("sign_kept", coefs, turned, relation.constant, recheck)
        coefs = self._coefs("term_dropped", coefs, shortened(coefs), relation.constant, recheck)
        line = self.teller.say(
            "moved" if relation.right else "translated",
            entailment(row_formula(coefs, relation.constant)),
            uses,
            source=self.source,
            nth=nth,
            raw=f"{self.style.sum(relation.left)} = {self.style.sum(relation.right, relation.constant)}",
            eq=f"{self.style.equation(coefs, relation.constant)} {label}",
            label=label,
        )
        return Row(coefs, relation.constant, line, label)

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
        last = self._fill(row) if any(name in self.known for name in row.coefs) else row
        if last:
            self._divide(last)
        return True

    def _divide(self, row: Row) -> None:
        """Find the value in a row with one unknown."""
        if len(row.coefs) != 1:
            raise DeadEnd
        ((name, coef),) = row.coefs.items()
        if coef == 1:
            self.known[name] = (row.constant, row.ref)
            return
        value = self._quotient(name, coef, row.constant)
        claim = entailment(row_formula({name: 1}, value))
        self.known[name] = (value, self.teller.say("value", claim, [row.ref], eq=f"{self.style.name(name)} = {value}"))

    def _quotient(self, name: str, coef: int, constant: Fraction) -> Fraction:
        text = f"{constant} divided by {bracketed(coef)}"
        term, of = f"(/ {numeral(constant)} {numeral(coef)})", f"the value of {self.style.name(name)}"
        value = self._ground("coefficient_subtracted", constant / coef, [constant - coef], text, term, of)
        return self._reckoned(value, text, term, of)

    def _fill(self, row: Row) -> Row | None:
        """Put the known values into a row and bring them to the right side; none where that gave a value at once."""
        found = [name for name in row.coefs if name in self.known]
        rest = {name: coef for name, coef in row.coefs.items() if name not in self.known}
        if not rest:
            raise DeadEnd
        label = self._label() if len(rest) > 1 else ""
        of = label or f"the step to {self.style.name(next(iter(rest)))}"
        raw = f"{self._filled(rest, row.coefs, found)} = {row.constant}"
        known = joined([f"{self.style.name(name)} = {self.known[name][0]}" for name in found])
        text = self.teller.voice("filled", known=known, src=row.label, raw=raw)
        uses = [row.ref, *(self.known[name][1] for name in found)]
        moved = self._moved({name: row.coefs[name] for name in found}, of)
        halfway = f"{self.style.sum(rest, moved)} = {row.constant}"
        if self.teller.tells("thorough") and raw != halfway:
            claim = entailment(f"(= {sum_formula(rest, moved)} {numeral(row.constant)})")
            uses = [self.teller.say("sentence", claim, uses, text=f"{text}, or {halfway}")]
            text = ""
        constant = self._moved_over(row.constant, moved, of)
        return self._finish_filling(text, rest, constant, uses, label)

    def _filled(self, rest: Coefs, coefs: Coefs, found: Sequence[str]) -> str:
        """The left side of a row with the found values in place of their unknowns."""
        text = self.style.sum(rest)
        for name in found:
            factor = abs(coefs[name])
            shown = self._value(name) if factor == 1 else f"{factor} × {self._value(name)}"
            text += f" {'-' if coefs[name] < 0 else '+'} {shown}"
        return text

    def _moved(self, terms: Coefs, of: str) -> Fraction:
        """What the found unknowns of a row come to."""
        parts = {name: coef * self.known[name][0] for name, coef in terms.items()}
        worth, term = sum(parts.values(), Fraction(0)), self._term(terms)
        text = " + ".join(f"{bracketed(coef)} × {self._value(name)}" for name, coef in terms.items())
        if len(parts) > 1:
            worth = self._ground("term_dropped", worth, [worth - part for part in parts.values()], text, term, of)
        return (
            worth
            if all(abs(coef) == 1 for coef in terms.values()) and len(terms) == 1
            else self._reckoned(worth, text, term, of)
        )

    def _moved_over(self, constant: Fraction, moved: Fraction, of: str) -> Fraction:
        text, term = f"{constant} - {bracketed(moved)}", f"(- {numeral(constant)} {numeral(moved)})"
        right = self._ground("sign_kept", constant - moved, [constant + moved], text, term, of)
        return self._reckoned(right, text, term, of)

    def _finish_filling(
        self, text: str, rest: Coefs, constant: Fraction, uses: Sequence[Ref], label: str
    ) -> Row | None:
        """Tell the row that is left; in a terse telling with one unknown left, its value as well."""
        eq = self.style.equation(rest, constant)
        if text:
            text = f"{text}, {self.teller.voice('hence', eq=eq)}"
            if not self.teller.tells("normal") and len(rest) == 1:
                ((name, coef),) = rest.items()
                if coef != 1:
                    constant = self._quotient(name, coef, constant)
                    text += f" and {self.style.name(name)} = {constant}"
                claim = entailment(row_formula({name: 1}, constant))
                self.known[name] = (constant, self.teller.say("sentence", claim, uses, text=text))
                return None
        claim = entailment(row_formula(rest, constant))
        if text:
            line = self.teller.say("sentence", claim, uses, text=f"{text} {label}".rstrip(), label=label)
        else:
            line = self.teller.say("gathered", claim, uses, eq=f"{eq} {label}".rstrip(), label=label)
        return Row(rest, constant, line, label)

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
        constant = sign * row.constant
        coefs = {unknown: 1} | {name: sign * coef for name, coef in row.coefs.items() if name != unknown}
        turned = [coefs | {name: -coefs[name]} for name in coefs if name != unknown]
        recheck = (f"what {self.style.name(unknown)} is", f"{row.label} is the same as", [row.ref])
        coefs = self._coefs("sign_kept", coefs, turned, constant, recheck)
        rest = {name: -coef for name, coef in coefs.items() if name != unknown}
        shown = self.style.name(unknown)
        line = self.teller.say(
            "isolated",
            entailment(f"(= {unknown} {sum_formula(rest, constant)})"),
            [row.ref],
            src=row.label,
            u=shown,
            eq=f"{shown} = {self.style.expression(rest, constant)}",
        )
        return Row(coefs, constant, line, row.label)

    def _insert(self, pivot: Row, row: Row, unknown: str, again: bool) -> Row:
        """Put the expression that `pivot` gives for an unknown into another row, the first or (`again`) a further."""
        factor, uses = row.coefs[unknown], [pivot.ref, row.ref]
        rest = {name: -coef for name, coef in pivot.coefs.items() if name != unknown}
        own = {name: coef for name, coef in row.coefs.items() if name != unknown}
        raw = f"{self._bracket(factor, rest, pivot.constant, own)} = {row.constant}"
        key = "inserted_next" if again else "inserted"
        text = self.teller.voice(key, src=row.label, u=self.style.name(unknown), raw=raw)
        if self.teller.tells("thorough"):
            inner = f"(* {numeral(factor)} {sum_formula(rest, pivot.constant)})"
            whole = f"(+ {inner} {sum_formula(own)})" if own else inner
            claim = entailment(f"(= {whole} {numeral(row.constant)})")
            uses, text = [self.teller.say("sentence", claim, uses, text=text)], ""
        coefs, label = added(own, rest, factor), self._label()
        constant = row.constant - factor * pivot.constant
        recheck = (label, f"{raw} comes to", uses)
        if factor != 1 and rest:
            coefs = self._coefs("partial_distribution", coefs, [added(own, rest, 1)], constant, recheck)
        coefs = self._coefs("term_dropped", coefs, shortened(coefs), constant, recheck)
        calculation = f"{row.constant} - {bracketed(factor)} × {bracketed(pivot.constant)}"
        term = f"(- {numeral(row.constant)} (* {numeral(factor)} {numeral(pivot.constant)}))"
        constant = self._reckoned(constant, calculation, term, label)
        return self._written("gathered", Row(coefs, constant, (), label), uses, text, {})

    def _bracket(self, factor: int, rest: Coefs, constant: Fraction, own: Coefs) -> str:
        """`-2 × (13 - 2 pear) + 3 plum`."""
        text = f"{'-' if factor < 0 else ''}{'' if abs(factor) == 1 else f'{abs(factor)} × '}"
        text += f"({self.style.expression(rest, constant)})"
        others = self.style.sum(own) if own else ""
        return text + (f" - {others[1:]}" if others.startswith("-") else f" + {others}" if own else "")

    def _combine(self, pivot: Row, row: Row, unknown: str) -> Row:
        """Add or subtract multiples of two rows so that an unknown drops out."""
        shared = gcd(pivot.coefs[unknown], row.coefs[unknown])
        a = self._scale(row, abs(pivot.coefs[unknown]) // shared, unknown)
        b = self._scale(pivot, abs(row.coefs[unknown]) // shared, unknown)
        sign = 1 if a.coefs[unknown] * b.coefs[unknown] < 0 else -1
        if sign < 0 and next(iter(added(a.coefs, b.coefs, -1).values()), 0) < 0:
            a, b = b, a
        uses, words = [a.ref, b.ref], {"a": a.label, "b": b.label, "u": self.style.name(unknown)}
        key = "added" if sign > 0 else "subtracted"
        if self.teller.tells("thorough"):
            uses, key = [self._joined(a, b, sign, words)], "left_over"
        coefs, label = added(a.coefs, b.coefs, sign), self._label()
        constant = a.constant + sign * b.constant
        plan = f"{a.label} {'plus' if sign > 0 else 'minus'} {b.label}"
        recheck = (label, f"{plan} is", uses)
        if sign < 0:
            missed = [name for name in b.coefs if name != unknown]
            wrong = [added(coefs, {name: 2 * b.coefs[name]}, 1) for name in missed]
            coefs = self._coefs("partial_distribution", coefs, wrong, constant, recheck)
        coefs = self._coefs("term_dropped", coefs, shortened(coefs), constant, recheck)
        calculation = f"{a.constant} {'+' if sign > 0 else '-'} {bracketed(b.constant)}"
        term = f"({'+' if sign > 0 else '-'} {numeral(a.constant)} {numeral(b.constant)})"
        constant = self._reckoned(constant, calculation, term, label)
        return self._written(key, Row(coefs, constant, (), label), uses, "", words)

    def _joined(self, a: Row, b: Row, sign: int, words: dict[str, str]) -> Ref:
        """The sum or difference of two rows, before anything is worked out."""
        mark = "+" if sign > 0 else "-"
        left = f"{self.style.sum(a.coefs)} {mark} ({self.style.sum(b.coefs)})"
        sides = [
            f"({mark} {x} {y})"
            for x, y in (map(sum_formula, (a.coefs, b.coefs)), map(numeral, (a.constant, b.constant)))
        ]
        return self.teller.say(
            "joined",
            entailment(f"(= {' '.join(sides)})"),
            [a.ref, b.ref],
            plan=f"{a.label} {'plus' if sign > 0 else 'minus'} {b.label}",
            raw=f"{left} = {a.constant} {mark} {bracketed(b.constant)}",
            u=words["u"],
        )

    def _written(self, key: str, row: Row, uses: Sequence[Ref], text: str, words: Mapping[str, str]) -> Row:
        """Tell a new row, and the row in its smallest numbers: in one step in a terse telling, else in two. With
        `text`, the row ends that sentence.

        Raises:
            DeadEnd: no unknown is left.
        """
        smaller, right = tidied(row.coefs, row.constant)
        eq = self.style.equation(row.coefs, row.constant)
        k = next(iter(row.coefs.values())) // next(iter(smaller.values()))
        at_once = k != 1 and not self.teller.tells("normal")
        if at_once:
            told = "turned_at_once" if k == -1 else "divided_at_once"
            eq = self.teller.voice(told, eq=eq, smaller=self.style.equation(smaller, right), k=k)
            row = Row(smaller, right, (), row.label)
        claim = entailment(row_formula(row.coefs, row.constant))
        if text:
            hence = self.teller.voice("hence", eq=eq)
            line = self.teller.say("sentence", claim, uses, text=f"{text}, {hence} {row.label}", label=row.label)
        else:
            line = self.teller.say(key, claim, uses, eq=f"{eq} {row.label}", label=row.label, level="terse", **words)
        row = Row(row.coefs, row.constant, line, row.label)
        return row if k == 1 or at_once else self._tidied(row, smaller, right, k)

    def _tidied(self, row: Row, coefs: Coefs, constant: Fraction, k: int) -> Row:
        label = self._label()
        if k != -1:
            text = f"{row.constant} divided by {bracketed(k)}"
            constant = self._reckoned(constant, text, f"(/ {numeral(row.constant)} {numeral(k)})", label)
        line = self.teller.say(
            "turned" if k == -1 else "divided",
            entailment(row_formula(coefs, constant)),
            [row.ref],
            src=row.label,
            eq=f"{self.style.equation(coefs, constant)} {label}",
            k=k,
            label=label,
        )
        return Row(coefs, constant, line, label)

    def _scale(self, row: Row, factor: int, unknown: str) -> Row:
        """The row times `factor`, in a step of its own unless the telling is terse."""
        if factor == 1:
            return row
        if (row.label, factor) in self.scaled:
            return self.scaled[row.label, factor]
        coefs = {name: factor * coef for name, coef in row.coefs.items()}
        label, right = f"{factor} × {row.label}", factor * row.constant
        constant = self.teller.site(
            "one_side_scaled",
            right,
            [row.constant],
            f"The right side must be multiplied by {factor} as well, which makes it {right}.",
            lambda: Recheck(
                label,
                f"{factor} times {bracketed(row.constant)} is {right}",
                entailment(f"(= (* {factor} {numeral(row.constant)}) {numeral(right)})"),
            ),
        )
        constant = self._reckoned(
            constant, f"{factor} times {bracketed(row.constant)}", f"(* {factor} {numeral(row.constant)})", label
        )
        line = self.teller.say(
            "scaled",
            entailment(row_formula(coefs, constant)),
            [row.ref],
            level="normal",
            src=row.label,
            k=factor,
            u=self.style.name(unknown),
            eq=self.style.equation(coefs, constant),
        )
        self.scaled[row.label, factor] = Row(coefs, constant, line, label)
        return self.scaled[row.label, factor]


def bracketed(value: Fraction | int) -> str:
    """`(-3)`, `3`, `5/2`: as it is written after an operator."""
    return f"({value})" if value < 0 else str(value)


def shortened(coefs: Coefs) -> list[Coefs]:
    """The left side without one of its terms, for each of them."""
    if len(coefs) < 2:
        return []
    return [{name: coef for name, coef in coefs.items() if name != lost} for lost in coefs]
