from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tracemill.records import canonical_json
from tracemill.rewards import answer_part, compute_score, reward

TRUTH = canonical_json({"answer": "42", "check": {"kind": "numeric", "spec": {}}})
ROOT = canonical_json({"answer": "5\\sqrt{3}", "check": {"kind": "symbolic", "spec": {}}})


@pytest.mark.parametrize(
    ("response", "score"),
    [
        ("\\boxed{42}", 1.0),
        ("<think>Is it 41? \\boxed{41}</think>\n\\boxed{42}", 1.0),
        ("Is it 41? \\boxed{41}</think>\nAnswer: 42", 1.0),
        ("\\boxed{41}", 0.0),
        ("<think>\\boxed{42}</think>\nI do not know.", 0.0),
        ("<think>\\boxed{42}</think>", 0.0),
        ("<think>\\boxed{42}</think>   \n", 0.0),
        ("<think>It must be \\boxed{42}", 0.0),
        ("\\boxed{42} <think> or not", 0.0),
        ("<think>a</think>\\boxed{42}<think>b", 0.0),
        ("\\boxed{42} \\boxed{41}", 0.0),
        ("", 0.0),
    ],
)
def test_only_a_verified_answer_after_the_thinking_scores(response: str, score: float) -> None:
    assert compute_score("tracemill/a.b.c", response, TRUTH, {"index": 3}) == score


def test_thinking_is_cut_off_at_its_last_end() -> None:
    assert answer_part("<think>a</think>b<think>c</think> d") == "d"
    assert answer_part("plain") == "plain"
    assert answer_part("<think>a") is None


def test_unknown_and_copied_expressions_score_nothing() -> None:
    copied = "\\boxed{\\sqrt{12}+\\sqrt{27}}"
    prompt = "Write $\\sqrt{12}+\\sqrt{27}$ as one root."
    assert compute_score("x", "\\boxed{\\sqrt{75}}", ROOT, {"prompt": prompt}) == 1.0
    assert compute_score("x", copied, ROOT, {"prompt": prompt}) == 0.0
    assert compute_score("x", copied, ROOT, {"prompt": [{"role": "user", "content": prompt}]}) == 0.0
    assert compute_score("x", "\\boxed{who knows}", ROOT) == 0.0
    with_question = canonical_json(json.loads(ROOT) | {"prompt": prompt})
    assert compute_score("x", copied, with_question, {"index": 3}) == 0.0
    assert compute_score("x", "\\boxed{\\sqrt{75}}", with_question, {"index": 3}) == 1.0
    assert reward([copied], ground_truth=[with_question]) == [0.0]


def test_trl_gets_a_list_from_texts_or_messages_and_either_column() -> None:
    chats = [[{"role": "assistant", "content": "A: 42"}], [{"role": "assistant", "content": "A: 41"}], []]
    assert reward(chats, ground_truth=[TRUTH] * 3, prompts=["q"] * 3, completion_ids=[[1]] * 3) == [1.0, 0.0, 0.0]
    columns = [{"style": "rule", "ground_truth": TRUTH}] * 2
    assert reward(["A: 41", "A: 42"], reward_model=columns, trainer_state=None) == [0.0, 1.0]


def test_the_text_of_a_message_may_come_in_parts() -> None:
    parts = [{"type": "text", "text": "So it is "}, {"type": "text", "text": "\\boxed{42}."}]
    question = [{"role": "user", "content": [{"type": "text", "text": "What is 20+22?"}]}]
    assert reward([[{"role": "assistant", "content": parts}]], ground_truth=[TRUTH], prompts=[question]) == [1.0]
    assert reward([[{"role": "assistant", "content": None}]], ground_truth=[TRUTH]) == [0.0]


@pytest.mark.parametrize(
    "truth",
    [
        "42",
        "{}",
        '{"answer":"42","check":"numeric"}',
        "not JSON",
        '{"answer":42,"check":{"kind":"numeric","spec":{}}}',
        '{"answer":"42","check":{"kind":"numeric","spec":null}}',
    ],
)
def test_a_ground_truth_of_another_form_raises(truth: str) -> None:
    with pytest.raises(ValueError, match="ground_truth of 'here'"):
        compute_score("here", "\\boxed{42}", truth)


def test_an_expected_answer_that_does_not_fit_its_check_raises() -> None:
    with pytest.raises(ValueError, match="not a number"):
        compute_score("x", "A: 42", canonical_json({"answer": "many", "check": {"kind": "numeric", "spec": {}}}))
    with pytest.raises(ValueError, match="cannot be read"):
        compute_score(
            "x", "\\boxed{x}", canonical_json({"answer": "\\frac{x", "check": {"kind": "symbolic", "spec": {}}})
        )
    with pytest.raises(ValueError, match="no column"):
        reward(["A: 42"])


def test_a_forked_worker_scores_with_a_process_of_its_own() -> None:
    right, wrong = "\\boxed{\\sqrt{75}}", "\\boxed{\\sqrt{76}}"
    assert compute_score("x", right, ROOT) == 1.0
    children = []
    for response in (right, wrong) * 2:
        pid = os.fork()
        if pid == 0:
            os._exit(int(compute_score("x", response, ROOT)))
        children.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    assert codes == [1, 0, 1, 0]
    assert compute_score("x", right, ROOT) == 1.0


def test_import_loads_nothing_heavy() -> None:
    script = "import sys, tracemill.rewards; print([m for m in sys.modules if m.startswith('tracemill.verifiers')])"
    root = str(Path(__file__).resolve().parents[1])
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=True)
    assert run.stdout.strip() == "[]"
