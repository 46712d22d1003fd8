"""What tests keep of an audit is not taken for that of other code."""

import pytest
from kept_audits import code_of
from tracemill.claims.entailment.checker import EntailmentChecker
from tracemill.tasks.linear_system.task import LinearSystem
from tracemill.verifiers.audit_pieces import CanariesPiece, CasesPiece
from tracemill.verifiers.steps import StepsVerifier
from tracemill.verifiers.verifier import Verifier

CASES = CasesPiece((("steps", {}),), "math.algebra.linear_system", 0, 2, 1)
CANARIES = CanariesPiece(("steps", {}), None)


@pytest.mark.parametrize("piece", [CASES, CANARIES])
@pytest.mark.parametrize(
    ("owner", "name"), [(StepsVerifier, "rule_many"), (Verifier, "close"), (EntailmentChecker, "rule")]
)
def test_whoever_patches_a_verifier_or_a_checker_has_it_audited_anew(piece, owner, name, monkeypatch):
    before = tuple(code_of(piece))
    assert tuple(code_of(piece)) == before and hash(before) == hash(tuple(code_of(piece)))
    monkeypatch.setattr(owner, name, lambda *_: None)
    assert tuple(code_of(piece)) != before


def test_so_has_whoever_patches_a_task(monkeypatch):
    before = tuple(code_of(CASES))
    monkeypatch.setattr(LinearSystem, "tell", lambda *_: None)
    assert tuple(code_of(CASES)) != before
