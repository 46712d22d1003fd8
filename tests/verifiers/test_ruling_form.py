"""A plugin's ruling of another form ends the run with the plugin's name, and is never published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tracemill.claims.claim_checker import Canary, Ruling
from tracemill.records import Check, Payload, Problem, Source, Trace
from tracemill.settings.errors import PluginError
from tracemill.tasks.task import Line, Solution, as_trace
from tracemill.verifiers import verifier as module
from tracemill.verifiers.ruling_form import well_formed
from tracemill.verifiers.verifier import Verifier, judged, make_verifier

PROBLEM = Problem("p", "p", "math.test.form.plain", "", "", Check("exact"), Source("test", "1", "MIT", 0, 0))
TRACE = as_trace(PROBLEM, Solution((Line("So."),), "1"), "test")


class Odd(Verifier):
    name, version, scope = "odd", "1", "trace"
    given: Any = None

    @property
    def judge(self) -> Payload:
        return {}

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        found: Ruling = self.given
        return found

    def canaries(self, kinds: Any = None) -> Iterator[Canary]:
        return iter(())


class Unfinished(Odd):
    def __init__(self, config: Any = None) -> None:
        raise TypeError("no method judge")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "gave NoneType where a Ruling is wanted"),
        ({"outcome": "verified"}, "gave dict where a Ruling is wanted"),
        (Ruling("great", ""), "gave the outcome 'great'; there are: verified, refuted, unknown, error"),
        (Ruling("verified", "", strength="sure"), "gave the strength 'sure'; there are: proof"),
        (Ruling("verified", None, strength="exact"), "gave a reason that is not text but NoneType"),
        (Ruling("verified", "", strength="exact", score=float("nan")), "gave the score nan"),
        (Ruling("verified", "", strength="exact", coverage_steps=7.0), "gave the coverage_steps 7.0"),
        (Ruling("verified", "", {"seen": {1}}, "exact"), "gave evidence that cannot be written as JSON"),
    ],
)
def test_a_ruling_of_another_form_names_its_verifier(given: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Odd, "given", given)
    with pytest.raises(PluginError, match=f"^verifier 'odd' .* {said}"):
        judged(Odd(), PROBLEM, TRACE)


def test_a_whole_ruling_passes_as_it_is() -> None:
    ruling = Ruling("verified", "so", {"seen": [1]}, "exact", coverage_claims=1.0)
    assert well_formed("verifier", "odd", ruling) is ruling


def test_a_verifier_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "load", lambda thing, name: Unfinished)
    with pytest.raises(PluginError, match=r"^verifier 'odd' .* raised TypeError: no method judge"):
        make_verifier("odd", {})
