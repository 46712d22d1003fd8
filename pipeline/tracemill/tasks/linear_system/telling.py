"""How a person solves a linear system: substitution or elimination, step by step.

Rows have integer coefficients and a rational constant; every step claims one equation that follows from the steps and
premises it names. Places where a mistake could be made are marked as sites. Not covered here: the story (`task.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracemill.records import premise
from tracemill.tasks.kit.teller import DeadEnd, Recheck, Ref, Teller, entailment
from tracemill.tasks.linear_system.elimination import Elimination
from tracemill.tasks.linear_system.outlook import Outlook
from tracemill.tasks.linear_system.rows import (
    Coefs,
    Rational,
    Relation,
    Row,
    RowEquation,
    Style,
    bracketed,
    joined,
    numeral,
    quotient,
    row_formula,
    sum_formula,
)
from tracemill.tasks.linear_system.sites import Sites, shortened

NTH = ("", "first", "second", "third", "fourth", "fifth")
SOURCES = ("clue", "fact", "condition", "relation")
"""What an equation of the story is called."""


class Working:
    """One solution in the making. `rows` are the equations still in play; `known` holds each found value with
    the step that states it."""

    def __init__(self, relations: Sequence[Relation], style: Style, teller: Teller, outlook: Outlook) -> None:
        self.relations, self.style, self.teller, self.rng = relations, style, teller, teller.rng
        self.source = self.rng.choice(SOURCES)
        self.known: dict[str, tuple[Rational, Ref]] = {}
        self.pivots: list[Row] = []
        self.rows: list[Row] = []
        self.sites = Sites(style, teller, outlook)
        self._elimination = Elimination(self.sites, self._others)

    def solve(self, names: Sequence[str], wanted: Sequence[str]) -> None:
        """Find `wanted` (all of `names`, or some of them).

        Raises:
            DeadEnd: only after a mistake.
        """
        self.rows = [self._translate(relation) for relation in self.relations]
        keep = wanted[0] if len(wanted) == 1 else ""
        while not all(name in self.known for name in wanted):
            if not self._use_known():
                self._eliminate([name for name in names if name != keep])

    def total(self, ask: Coefs) -> Rational:
        """Say what `ask` comes to, from the values found."""
        raw, parts = self._numbers(ask), {name: count * self.known[name][0] for name, count in ask.items()}
        value = sum(parts.values())
        if len(ask) > 1:
            value = self.sites.number(
                "term_dropped", value, [value - part for part in parts.values()], raw, self._term(ask), "the sum", None
            )
        value = self.sites.reckoned(value, raw, self._term(ask), "the sum", None)
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
            uses = tuple(self.known[name][1] for name in relation.coefs)
            return Recheck(of, f"{left} = {right}", entailment(row_formula(relation.coefs, relation.constant)), uses)
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

    def _worth(self, terms: Coefs) -> Rational:
        return sum((count * self.known[name][0] for name, count in terms.items()))

    # Moves

    def _others(self, row: Row | None) -> list[Coefs]:
        """The left sides of what is in play beside a row."""
        known: list[Coefs] = [{name: 1} for name in self.known]
        return known + [each.coefs for each in (*self.rows, *self.pivots) if each is not row]

    def _translate(self, relation: Relation) -> Row:
        """Write an equation of the story with its unknowns on the left."""
        coefs = relation.coefs
        label, nth = self.sites.label(), NTH[relation.premise]
        uses: list[Ref] = [(premise(relation.premise),)]
        recheck = (label, f"the {nth} {self.source} comes to", uses)
        turned = [coefs | {name: -coefs[name]} for name in relation.right]
        self.sites.others = [each.coefs for each in self.relations if each is not relation]
        coefs = self.sites.left_side("sign_kept", coefs, turned, relation.constant, recheck)
        if len(coefs) > 2:
            # No story states a single unknown: who dropped one of two terms would be seen at once.
            coefs = self.sites.left_side("term_dropped", coefs, shortened(coefs), relation.constant, recheck)
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
        stated = next(iter(relation.left)) if relation.isolates(coefs) else ""
        return Row(coefs, relation.constant, line, label, stated)

    def _use_known(self) -> bool:
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
        self.sites.others = self._others(row)
        value = self._quotient(name, coef, row.constant)
        claim = entailment(row_formula({name: 1}, value))
        self.known[name] = (value, self.teller.say("value", claim, [row.ref], eq=f"{self.style.name(name)} = {value}"))

    def _quotient(self, name: str, coef: int, constant: Rational) -> Rational:
        def row(value: Rational) -> RowEquation:
            return {name: 1}, value

        text = f"{constant} divided by {bracketed(coef)}"
        term, of = f"(/ {numeral(constant)} {numeral(coef)})", f"the value of {self.style.name(name)}"
        value = self.sites.number(
            "coefficient_subtracted", quotient(constant, coef), lambda: [constant - coef], text, term, of, row
        )
        return self.sites.reckoned(value, text, term, of, row)

    def _fill(self, row: Row) -> Row | None:
        """Put the known values into a row and bring them to the right side; None where that gave a value at once."""
        found = [name for name in row.coefs if name in self.known]
        rest = {name: coef for name, coef in row.coefs.items() if name not in self.known}
        if not rest:
            raise DeadEnd
        self.sites.others = self._others(row)
        if [*rest] == [row.solved]:
            self._put_in(row, found)
            return None
        label = self.sites.label() if len(rest) > 1 else ""
        of = label or f"the step to {self.style.name(next(iter(rest)))}"
        raw = f"{self._filled(rest, row.coefs, found)} = {row.constant}"
        known = joined([f"{self.style.name(name)} = {self.known[name][0]}" for name in found])
        text = self.teller.voice("filled", known=known, src=row.label, raw=raw)
        uses = [row.ref, *(self.known[name][1] for name in found)]
        terms = {name: row.coefs[name] for name in found}
        if not self.teller.tells("thorough"):
            return self._finish_filling(text, rest, self._taken_over(rest, row.constant, terms, of), uses, label)
        moved = self._moved(terms, of, lambda worth: (rest, row.constant - worth))
        halfway = f"{self.style.sum(rest, moved)} = {row.constant}"
        if raw != halfway:
            claim = entailment(f"(= {sum_formula(rest, moved)} {numeral(row.constant)})")
            uses = [self.teller.say("sentence", claim, uses, text=f"{text}, or {halfway}")]
            text = ""
        constant = self._moved_over(rest, row.constant, moved, of)
        return self._finish_filling(text, rest, constant, uses, label)

    def _put_in(self, row: Row, found: Sequence[str]) -> None:
        """Find the value of the unknown that a row was solved for: `pear = 12 - 2 × 4 = 4`."""
        terms = {name: -row.coefs[name] for name in found}
        parts = [coef * self.known[name][0] for name, coef in terms.items()]
        value, shown = row.constant + sum(parts), self.style.name(row.solved)
        text, term = self._calculation(row.constant, terms)
        of = f"the value of {shown}"

        def found_value(value: Rational) -> RowEquation:
            return {row.solved: 1}, value

        if len(parts) > 1:
            wrong = [value - part for part in parts]
            value = self.sites.number("term_dropped", value, wrong, text, term, of, found_value)
        if text != str(value):
            value = self.sites.reckoned(value, text, term, of, found_value)
            text = f"{text} = {value}"
        line = self.teller.say(
            "put_in",
            entailment(row_formula({row.solved: 1}, value)),
            [row.ref, *(self.known[name][1] for name in found)],
            known=joined([f"{self.style.name(name)} = {self.known[name][0]}" for name in found]),
            u=shown,
            eq=f"{shown} = {text}",
        )
        self.known[row.solved] = (value, line)

    def _calculation(self, constant: Rational, terms: Coefs) -> tuple[str, str]:
        """`12 - 2 × 4`: a number and found values with their coefficients, as text and as an SMT-LIB term."""
        parts = [self._signed(coef, name) for name, coef in terms.items()]
        if constant:
            parts.insert(0, f" {'-' if constant < 0 else '+'} {abs(constant)}")
        first = next((part for part in parts if part.startswith(" + ")), parts[0])
        parts.remove(first)
        text = first.removeprefix(" + ").replace(" - ", "-") + "".join(parts)
        return text, f"(+ {numeral(constant)} {self._term(terms)})"

    def _filled(self, rest: Coefs, coefs: Coefs, found: Sequence[str]) -> str:
        """The left side of a row with the found values in place of their unknowns."""
        return self.style.sum(rest) + "".join(self._signed(coefs[name], name) for name in found)

    def _signed(self, coef: int, name: str) -> str:
        """` + 3 × 7` or ` - 7`: a found value with its coefficient, as a further term of a sum."""
        factor = "" if abs(coef) == 1 else f"{abs(coef)} × "
        return f" {'-' if coef < 0 else '+'} {factor}{self._value(name)}"

    def _taken_over(self, rest: Coefs, constant: Rational, terms: Coefs, of: str) -> Rational:
        """The right side when all found values have been brought there, worked out in one go; `rest` stays left."""

        def row(right: Rational) -> RowEquation:
            return rest, right

        parts = [coef * self.known[name][0] for name, coef in terms.items()]
        right = constant - sum(parts)
        text, term = self._calculation(constant, {name: -coef for name, coef in terms.items()})
        right = self.sites.number("sign_kept", right, lambda: [constant + sum(parts)], text, term, of, row)
        if len(parts) > 1:
            right = self.sites.number("term_dropped", right, [right + part for part in parts], text, term, of, row)
        return self.sites.reckoned(right, text, term, of, row)

    def _moved(self, terms: Coefs, of: str, row: Callable[[Rational], RowEquation]) -> Rational:
        """What the found unknowns of a row come to."""
        parts = {name: coef * self.known[name][0] for name, coef in terms.items()}
        worth, term = sum(parts.values()), self._term(terms)
        text = " + ".join(f"{bracketed(coef)} × {self._value(name)}" for name, coef in terms.items())
        if len(parts) > 1:
            wrong = [worth - part for part in parts.values()]
            worth = self.sites.number("term_dropped", worth, wrong, text, term, of, row)
        return (
            worth
            if all(abs(coef) == 1 for coef in terms.values()) and len(terms) == 1
            else self.sites.reckoned(worth, text, term, of, row)
        )

    def _moved_over(self, rest: Coefs, constant: Rational, moved: Rational, of: str) -> Rational:
        def row(right: Rational) -> RowEquation:
            return rest, right

        text, term = f"{constant} - {bracketed(moved)}", f"(- {numeral(constant)} {numeral(moved)})"
        right = self.sites.number("sign_kept", constant - moved, lambda: [constant + moved], text, term, of, row)
        return self.sites.reckoned(right, text, term, of, row)

    def _finish_filling(
        self, text: str, rest: Coefs, constant: Rational, uses: Sequence[Ref], label: str
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
        pivot, freed = self._elimination.free(unknown, pivot, targets)
        self.rows = [row for row in self.rows if unknown not in row.coefs] + freed
        self.pivots.append(pivot)
