"""Where mistakes can be made in a solution: in the numbers it works out, and in the left sides of its equations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tracemill.tasks.kit.teller import Recheck, Ref, Teller, entailment
from tracemill.tasks.linear_system.outlook import Outlook
from tracemill.tasks.linear_system.rows import Coefs, Rational, RowEquation, Style, numeral, row_formula

T = TypeVar("T")


class Sites:
    """The sites of one telling. Also numbers its equations. `others`: the left sides of all equations in play but the
    one that is worked on."""

    def __init__(self, style: Style, teller: Teller, outlook: Outlook) -> None:
        self.style, self.teller, self._outlook = style, teller, outlook
        self._labels = 0
        self.others: Sequence[Coefs] = ()

    def label(self) -> str:
        """`(1)`, `(2)`, …: how the text calls a new equation."""
        self._labels += 1
        return f"({self._labels})"

    def number(
        self,
        mistake: str,
        right: Rational,
        wrong: Sequence[Rational] | Callable[[], Sequence[Rational]],
        text: str,
        term: str,
        of: str,
        row: Callable[[Rational], RowEquation] | None,
    ) -> Rational:
        """A number that comes out of the calculation `text`, `term` in SMT-LIB. `row` gives the equation that comes of
        it; None: the number is the answer."""
        return self.teller.site(
            mistake,
            right,
            wrong,
            lambda value: f"{text} is {right}, not {value}.",
            lambda: Recheck(of, f"{text} is {right}", entailment(f"(= {term} {numeral(right)})")),
            foresight=lambda: self.foresight(row) if row else str,
        )

    def foresight(self, row: Callable[[T], RowEquation]) -> Callable[[T], str | None]:
        answer = self._outlook.answers(self.others)
        return lambda wrong: answer(row(wrong))

    def reckoned(
        self, right: Rational, text: str, term: str, of: str, row: Callable[[Rational], RowEquation] | None
    ) -> Rational:
        def near() -> list[Rational]:
            steps = (1, -1, 2, -2, 10) if -20 < right < 20 else (1, -1, 10, -10, 2)
            return [right + step for step in steps]

        return self.number("arithmetic_slip", right, near, text, term, of, row)

    def left_side(
        self,
        mistake: str,
        right: Coefs,
        wrong: Sequence[Coefs],
        constant: Rational,
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
            foresight=lambda: self.foresight(lambda coefs: (coefs, constant)),
        )


def shortened(coefs: Coefs) -> list[Coefs]:
    """The left side without one of its terms, for each of them."""
    if len(coefs) < 2:
        return []
    return [{name: coef for name, coef in coefs.items() if name != lost} for lost in coefs]
