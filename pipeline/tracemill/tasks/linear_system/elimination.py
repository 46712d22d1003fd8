"""Freeing equations of an unknown: by putting an expression in its place, or by adding and subtracting equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import gcd

from tracemill.tasks.kit.teller import Recheck, Ref, entailment
from tracemill.tasks.linear_system.rows import (
    Coefs,
    Rational,
    Row,
    RowEquation,
    added,
    bracketed,
    numeral,
    row_formula,
    sum_formula,
    tidied,
)
from tracemill.tasks.linear_system.sites import Sites, shortened


class Elimination:
    """The eliminations of one telling; an equation that was multiplied once is not multiplied again. `others` gives the
    left sides of all that is in play, but for the pivot and a row."""

    def __init__(self, sites: Sites, others: Callable[[Row | None], list[Coefs]]) -> None:
        self.sites, self.style, self.teller, self._others = sites, sites.style, sites.teller, others
        self._scaled: dict[tuple[str, int], Row] = {}

    def free(self, unknown: str, pivot: Row, targets: Sequence[Row]) -> tuple[Row, list[Row]]:
        """Free `targets` of an unknown with the help of `pivot`: what became of that, and the new rows."""
        if targets and self.style.substitute and abs(pivot.coefs[unknown]) == 1:
            pivot = self._isolate(pivot, unknown)
            return pivot, [self._insert(pivot, row, unknown, again=row is not targets[0]) for row in targets]
        return pivot, [self._combine(pivot, row, unknown) for row in targets]

    def _isolate(self, row: Row, unknown: str) -> Row:
        """Solve a row for an unknown whose coefficient is ±1."""
        sign = row.coefs[unknown]
        constant = sign * row.constant
        coefs = {unknown: 1} | {name: sign * coef for name, coef in row.coefs.items() if name != unknown}
        turned = [coefs | {name: -coefs[name]} for name in coefs if name != unknown]
        self.sites.others = self._others(None)
        recheck = (f"what {self.style.name(unknown)} is", f"{row.label} is the same as", [row.ref])
        coefs = self.sites.left_side("sign_kept", coefs, turned, constant, recheck)
        rest = {name: -coef for name, coef in coefs.items() if name != unknown}
        shown = self.style.name(unknown)
        line = self.teller.say(
            "isolated_again" if row.stated == unknown else "isolated",
            entailment(f"(= {unknown} {sum_formula(rest, constant)})"),
            [row.ref],
            src=row.label,
            u=shown,
            eq=f"{shown} = {self.style.expression(rest, constant)}",
        )
        return Row(coefs, constant, line, row.label, solved=unknown)

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
        self.sites.others = [pivot.coefs, *self._others(row)]
        coefs, label = added(own, rest, factor), self.sites.label()
        constant = row.constant - factor * pivot.constant
        recheck = (label, f"{raw} comes to", uses)
        if factor != 1 and rest:
            coefs = self.sites.left_side("partial_distribution", coefs, [added(own, rest, 1)], constant, recheck)
        coefs = self.sites.left_side("term_dropped", coefs, shortened(coefs), constant, recheck)
        calculation = f"{row.constant} - {bracketed(factor)} × {bracketed(pivot.constant)}"
        term = f"(- {numeral(row.constant)} (* {numeral(factor)} {numeral(pivot.constant)}))"
        constant = self.sites.reckoned(constant, calculation, term, label, lambda right: (coefs, right))
        return self._written("gathered", Row(coefs, constant, (), label), uses, text, {})

    def _bracket(self, factor: int, rest: Coefs, constant: Rational, own: Coefs) -> str:
        """`-2 × (13 - 2 pear) + 3 plum`."""
        text = f"{'-' if factor < 0 else ''}{'' if abs(factor) == 1 else f'{abs(factor)} × '}"
        text += f"({self.style.expression(rest, constant)})"
        others = self.style.sum(own) if own else ""
        return text + (f" - {others[1:]}" if others.startswith("-") else f" + {others}" if own else "")

    def _combine(self, pivot: Row, row: Row, unknown: str) -> Row:
        """Add or subtract multiples of two rows so that an unknown drops out."""
        shared = gcd(pivot.coefs[unknown], row.coefs[unknown])
        self.sites.others = [pivot.coefs, *self._others(row)]
        a = self._scale(row, abs(pivot.coefs[unknown]) // shared, unknown, None)
        b = self._scale(pivot, abs(row.coefs[unknown]) // shared, unknown, a)
        sign = 1 if a.coefs[unknown] * b.coefs[unknown] < 0 else -1
        if sign < 0 and next(iter(added(a.coefs, b.coefs, -1).values()), 0) < 0:
            a, b = b, a
        uses, words = [a.ref, b.ref], {"a": a.label, "b": b.label, "u": self.style.name(unknown)}
        key = "added" if sign > 0 else "subtracted"
        if self.teller.tells("thorough"):
            uses, key = [self._joined(a, b, sign, words)], "left_over"
        coefs, label = added(a.coefs, b.coefs, sign), self.sites.label()
        constant = a.constant + sign * b.constant
        plan = f"{a.label} {'plus' if sign > 0 else 'minus'} {b.label}"
        recheck = (label, f"{plan} is", uses)
        if sign < 0:
            missed = [name for name in b.coefs if name != unknown]
            wrong = [added(coefs, {name: 2 * b.coefs[name]}, 1) for name in missed]
            coefs = self.sites.left_side("partial_distribution", coefs, wrong, constant, recheck)
        coefs = self.sites.left_side("term_dropped", coefs, shortened(coefs), constant, recheck)
        calculation = f"{a.constant} {'+' if sign > 0 else '-'} {bracketed(b.constant)}"
        term = f"({'+' if sign > 0 else '-'} {numeral(a.constant)} {numeral(b.constant)})"
        constant = self.sites.reckoned(constant, calculation, term, label, lambda right: (coefs, right))
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
            key_at_once = "turned_at_once" if k == -1 else "divided_at_once"
            eq = self.teller.voice(key_at_once, eq=eq, smaller=self.style.equation(smaller, right), k=k)
            row = Row(smaller, right, (), row.label)
        claim = entailment(row_formula(row.coefs, row.constant))
        if text:
            hence = self.teller.voice("hence", eq=eq)
            line = self.teller.say("sentence", claim, uses, text=f"{text}, {hence} {row.label}", label=row.label)
        else:
            line = self.teller.say(key, claim, uses, eq=f"{eq} {row.label}", label=row.label, level="terse", **words)
        row = Row(row.coefs, row.constant, line, row.label)
        return row if k == 1 or at_once else self._tidied(row, smaller, right, k)

    def _tidied(self, row: Row, coefs: Coefs, constant: Rational, k: int) -> Row:
        label = self.sites.label()
        if k != -1:
            text, term = f"{row.constant} divided by {bracketed(k)}", f"(/ {numeral(row.constant)} {numeral(k)})"
            constant = self.sites.reckoned(constant, text, term, label, lambda right: (coefs, right))
        line = self.teller.say(
            "turned" if k == -1 else "divided",
            entailment(row_formula(coefs, constant)),
            [row.ref],
            src=row.label,
            eq=f"{self.style.equation(coefs, constant)} {label}",
            k=k,
            label=label,
        )
        if k > 0:
            # Whoever needs it k-fold again takes the row as it was.
            self._scaled[label, k] = row
        return Row(coefs, constant, line, label)

    def _scale(self, row: Row, factor: int, unknown: str, freed: Row | None) -> Row:
        """The row times `factor`, in a step of its own unless the telling is terse. `freed`: what is freed of `unknown`
        with it; None: the row itself is."""
        if factor == 1:
            return row
        if (row.label, factor) in self._scaled:
            return self._scaled[row.label, factor]
        coefs = {name: factor * coef for name, coef in row.coefs.items()}
        right = factor * row.constant
        label = self.sites.label() if self.teller.tells("normal") else f"{factor} × {row.label}"

        def comes_to(wrong: Rational) -> RowEquation:
            if freed is None:
                return coefs, wrong
            sign = 1 if freed.coefs[unknown] * row.coefs[unknown] < 0 else -1
            return freed.coefs, freed.constant + sign * (wrong - right)

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
            foresight=lambda: self.sites.foresight(comes_to),
        )
        text, term = f"{factor} times {bracketed(row.constant)}", f"(* {factor} {numeral(row.constant)})"
        constant = self.sites.reckoned(constant, text, term, label, comes_to)
        line = self.teller.say(
            "scaled",
            entailment(row_formula(coefs, constant)),
            [row.ref],
            level="normal",
            src=row.label,
            k=factor,
            u=self.style.name(unknown),
            eq=f"{self.style.equation(coefs, constant)} {label}",
            label=label,
        )
        self._scaled[row.label, factor] = Row(coefs, constant, line, label)
        return self._scaled[row.label, factor]
