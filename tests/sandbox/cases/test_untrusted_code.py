"""Cases 1–25: each attack at every level of this machine, in both ways in, and without the defence that it is for."""

from __future__ import annotations

import os

import pytest
from attacking import NAMES, WAYS, Case, attack, reached, without
from untrusted import CASES


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize(("level", "way"), WAYS, ids=NAMES)
def test_it_survives(case: Case, level, way):
    sandbox = reached(level, way)
    if isinstance(sandbox, str):
        pytest.skip(sandbox)
    if case.not_by and case.not_by[0] == way:
        pytest.skip(case.not_by[1])
    assert attack(sandbox, case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_its_defence_the_attack_comes_off(case: Case):
    if case.as_root and os.getuid():
        pytest.skip("a defence against what root may do")
    assert not attack(without(*case.out), case)
