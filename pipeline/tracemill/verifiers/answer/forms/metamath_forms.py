"""The forms of answers in Metamath's language: a proof, a formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from tracemill.claims.claim_checker import Ruling
from tracemill.claims.metamath.listing import Written, check_spec, judge, read_lines
from tracemill.metamath.writing import read_back
from tracemill.records import Payload
from tracemill.verifiers.answer.forms.form import only_known, right


class MetamathProofForm:
    """A proof of `goal`: numbered lines, each checked; any proof is right. `spec`: see `claims/metamath/listing.py`."""

    multiline: ClassVar[bool] = True
    letter: ClassVar[bool] = False
    unreadable: ClassVar[Literal["refuted", "unknown"]] = "unknown"

    def __init__(self, spec: Payload, answer: str) -> None:
        only_known(spec, "premises", "symbols", "goal")
        check_spec(spec)
        self._spec, self._example = spec, answer

    def read(self, text: str) -> tuple[Written, ...] | None:
        lines = read_lines(text)
        return tuple(lines) if lines else None

    def agree(self, one: object, other: object) -> bool:
        return one == other

    def is_telling(self, reading: object) -> bool:
        return True

    def rule(self, reading: tuple[Written, ...], asks_percent: bool = False) -> Ruling:
        return judge(self._spec, reading)

    @property
    def example_holds(self) -> bool:
        """Whether the expected answer is a proof."""
        lines = self.read(self._example)
        return lines is not None and self.rule(lines).outcome == "verified"


class MetamathFormulaForm:
    """The expected formula, however it is spaced, also in Metamath's own symbols."""

    multiline: ClassVar[bool] = True
    letter: ClassVar[bool] = False
    unreadable: ClassVar[Literal["refuted", "unknown"]] = "unknown"

    def __init__(self, spec: Payload, answer: str) -> None:
        only_known(spec, "symbols")
        symbols = spec.get("symbols")
        if not isinstance(symbols, Mapping):
            raise ValueError("the check has no 'symbols', an object of token and symbol")
        self._symbols = symbols
        self._answer = self.read(answer)
        if self._answer is None:
            raise ValueError("the expected answer is no formula in the symbols of the check")

    def read(self, text: str) -> tuple[str, ...] | None:
        tokens = read_back(text.strip().removesuffix(".").strip("$`* "), self._symbols)
        return tuple(tokens) if tokens else None

    def agree(self, one: object, other: object) -> bool:
        return one == other

    def is_telling(self, reading: object) -> bool:
        return False

    def rule(self, reading: tuple[str, ...], asks_percent: bool = False) -> Ruling:
        return right(reading == self._answer)
