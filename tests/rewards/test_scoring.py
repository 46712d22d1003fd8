from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from cases import EVERY, Scored
from tracemill.records import canonical_json
from tracemill.rewards import NotJudged, compute_score, compute_scores, judge_row, reward, scoring
from tracemill.sandbox.limited import LimitedProcess
from tracemill.verifiers.answer.verifier import AnswerVerifier

TRUTH = canonical_json({"answer": "42", "check": {"kind": "numeric", "spec": {}}})
ROOT = canonical_json({"answer": "5\\sqrt{3}", "check": {"kind": "symbolic", "spec": {}}})
SINE = canonical_json({"answer": "\\sin(x)^{4}", "check": {"kind": "symbolic", "spec": {}}})
SAME_SINE = "\\boxed{(1-\\cos(x)^2)^2}"
"""Only computer algebra knows that it is the same."""


@pytest.mark.parametrize(
    ("response", "score"),
    [
        ("\\boxed{42}", 1.0),
        ("<think>Is it 41? \\boxed{41}</think>\n\\boxed{42}", 1.0),
        ("Is it 41? \\boxed{41}</think>\nAnswer: 42", 1.0),
        ("[THINK]Is it 41? \\boxed{41}[/THINK]\\boxed{42}", 1.0),
        ("analysisIs it 41? \\boxed{41}assistantfinal\\boxed{42}", 1.0),
        ("\\boxed{41}", 0.0),
        ("<think>\\boxed{42}</think>\nI do not know.", 0.0),
        ("<think>\\boxed{42}</think>", 0.0),
        ("<think>\\boxed{42}</think>   \n", 0.0),
        ("<think>It must be \\boxed{42}", 0.0),
        ("[THINK]It must be \\boxed{42}", 0.0),
        ("<|channel|>analysis<|message|>It must be \\boxed{42}", 0.0),
        ("\\boxed{42} <think> or not", 0.0),
        ("<think>a</think>\\boxed{42}<think>b", 0.0),
        ("\\boxed{42} \\boxed{41}", 0.0),
        ("", 0.0),
    ],
)
def test_only_a_verified_answer_after_the_thinking_scores(response: str, score: float) -> None:
    assert compute_score("tracemill/a.b.c", response, TRUTH, {"index": 3}) == score
    assert reward([response], ground_truth=[TRUTH]) == [score]


def test_a_thought_that_the_prompt_opened_and_nothing_ended_is_no_answer() -> None:
    cut_off = "It must be \\boxed{42}"
    assert compute_score("x", cut_off, TRUTH) == 1.0
    assert compute_score("x", cut_off, TRUTH, opened_in_prompt=True) == 0.0
    assert reward([cut_off], ground_truth=[TRUTH], opened_in_prompt=True) == [0.0]
    assert reward([cut_off], ground_truth=[TRUTH], prompts=["6 * 7?<|im_start|>assistant\n<think>\n"]) == [0.0]
    begun = [{"role": "user", "content": "6 * 7?"}, {"role": "assistant", "content": "<think>\n"}]
    assert reward([cut_off], ground_truth=[TRUTH], prompts=[begun]) == [0.0]
    apart = [{"role": "assistant", "reasoning_content": "6 * 7", "content": "\\boxed{42}"}]
    assert reward([apart], ground_truth=[TRUTH], opened_in_prompt=True) == [1.0]


def test_copied_expressions_score_nothing() -> None:
    copied = "\\boxed{\\sqrt{12}+\\sqrt{27}}"
    prompt = "Write $\\sqrt{12}+\\sqrt{27}$ as one root."
    assert compute_score("x", "\\boxed{\\sqrt{75}}", ROOT, {"prompt": prompt}) == 1.0
    assert compute_score("x", copied, ROOT, {"prompt": prompt}) == 0.0
    assert compute_score("x", copied, ROOT, {"prompt": [{"role": "user", "content": prompt}]}) == 0.0
    with_question = canonical_json(json.loads(ROOT) | {"prompt": prompt})
    assert compute_score("x", copied, with_question, {"index": 3}) == 0.0
    assert compute_score("x", "\\boxed{\\sqrt{75}}", with_question, {"index": 3}) == 1.0
    assert reward([copied], ground_truth=[with_question]) == [0.0]


def test_what_cannot_be_read_is_not_judged() -> None:
    assert reward(["\\boxed{who knows}"], ground_truth=[ROOT]) == [None]
    assert compute_score("x", "\\boxed{who knows}", ROOT, not_judged=0.25) == 0.25
    with pytest.raises(NotJudged, match=r"^mine: words beside a value"):
        compute_score("mine", "\\boxed{who knows}", ROOT)


@pytest.mark.parametrize(
    "truth",
    [
        None,
        42,
        "42",
        "[]",
        "{}",
        "[" * 100_000,
        '{"answer":"42","check":"numeric"}',
        "not JSON",
        '{"answer":42,"check":{"kind":"numeric","spec":{}}}',
        '{"answer":"42","check":{"kind":"numeric","spec":null}}',
        '{"answer":"many","check":{"kind":"numeric","spec":{}}}',
        '{"answer":"\\\\frac{x","check":{"kind":"symbolic","spec":{}}}',
        '{"answer":"42","check":{"kind":"guess","spec":{}}}',
        '{"answer":"42","check":{"kind":"numeric","spec":{}},"pattern":"("}',
        '{"answer":"42","check":{"kind":"numeric","spec":{}},"pattern":7}',
    ],
)
def test_without_a_ground_truth_that_makes_sense_nothing_is_judged(truth: object) -> None:
    assert reward(["\\boxed{42}", "\\boxed{42}"], ground_truth=[truth, TRUTH]) == [None, 1.0]
    assert reward(["A: 42"], reward_model=[{"ground_truth": truth}]) == [None]
    with pytest.raises(NotJudged, match="ground_truth"):
        compute_score("here", "\\boxed{42}", truth)
    assert compute_score("here", "\\boxed{42}", truth, not_judged=0.0) == 0.0


def test_a_dataset_without_ground_truths_is_refused() -> None:
    assert reward(["A: 42", "A: 42"], reward_model=[{"style": "rule"}, None]) == [None, None]
    with pytest.raises(ValueError, match="no column"):
        reward(["A: 42"])


@pytest.mark.parametrize(
    "extra_info", [None, "text", "{}", 3, [], [1], {"prompt": 3}, {"prompt": [None, 1]}, {"prompt": {"role": "user"}}]
)
def test_extra_info_of_any_shape_is_taken(extra_info: object) -> None:
    assert compute_score("x", "A: 42", TRUTH, extra_info) == 1.0


def test_further_arguments_of_verl_are_taken() -> None:
    router = {"reward_router_address": "127.0.0.1:1", "reward_model_tokenizer": object()}
    assert compute_score(data_source="x", solution_str="A: 42", ground_truth=TRUTH, extra_info={}, **router) == 1.0
    batch = {"data_sources": ["x"] * 3, "solution_strs": ["A: 42", "A: 41", "A: 42"], "ground_truths": [TRUTH] * 3}
    infos = np.array([{"prompt": np.array([{"role": "user", "content": "6 * 7?"}])}, {}, None])
    assert compute_scores(**batch, extra_infos=infos, **router) == [1.0, 0.0, 1.0]
    assert compute_scores(**batch, opened_in_prompt=True) == [0.0, 0.0, 0.0]


def test_trl_gets_a_list_from_texts_or_messages_and_either_column() -> None:
    chats = [[{"role": "assistant", "content": "A: 42"}], [{"role": "assistant", "content": "A: 41"}], []]
    assert reward(chats, ground_truth=[TRUTH] * 3, prompts=["q"] * 3, completion_ids=[[1]] * 3) == [1.0, 0.0, 0.0]
    columns = [{"style": "rule", "ground_truth": TRUTH}] * 2
    assert reward(["A: 41", "A: 42"], reward_model=columns, trainer_state=None) == [0.0, 1.0]


def test_the_last_message_of_the_assistant_counts() -> None:
    tool = {"role": "tool", "content": "A: 42"}
    wrong, right = ({"role": "assistant", "content": f"A: {n}"} for n in (41, 42))
    chats = [[wrong, tool], [right, {"role": "tool", "content": "A: 41"}], [wrong, tool, right], [tool]]
    assert reward(chats, ground_truth=[TRUTH] * 4) == [0.0, 1.0, 1.0, 0.0]


def test_the_text_of_a_message_may_come_in_parts() -> None:
    parts = [{"type": "text", "text": "So it is "}, {"type": "text", "text": "\\boxed{42}."}]
    question = [{"role": "user", "content": [{"type": "text", "text": "What is 20+22?"}]}]
    assert reward([[{"role": "assistant", "content": parts}]], ground_truth=[TRUTH], prompts=[question]) == [1.0]
    assert reward([[{"role": "assistant", "content": None}]], ground_truth=[TRUTH]) == [0.0]


def test_the_share_that_was_not_judged_is_logged() -> None:
    logged: list[tuple[str, float]] = []
    reward(["A: 42", "A: 42"], ground_truth=[TRUTH, None], log_metric=lambda *metric: logged.append(metric))
    assert logged == [("tracemill/not_judged", 0.5)]


def test_trouble_of_the_machine_is_tried_again_and_never_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [LimitedProcess.NotStarted("no memory"), OSError("no descriptors")]
    rule = AnswerVerifier.rule_by

    def troubled(*args: object) -> object:
        if failures:
            raise failures.pop()
        return rule(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(AnswerVerifier, "rule_by", troubled)
    assert compute_score("x", "A: 42", TRUTH) == 1.0
    failures += [OSError("no descriptors")] * 3
    assert reward(["A: 42"], ground_truth=[TRUTH]) == [None]
    failures += [RuntimeError("a fault of ours")]  # type: ignore[list-item]
    assert reward(["A: 42"], ground_truth=[TRUTH]) == [None]


def test_a_child_that_does_not_start_is_no_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "_ANSWERS", AnswerVerifier())
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert reward([SAME_SINE, "\\boxed{1}"], ground_truth=[SINE, SINE]) == [None, 0.0]


def test_a_forked_worker_scores_with_a_process_of_its_own() -> None:
    right, wrong = SAME_SINE, "\\boxed{\\sin(x)^3}"
    assert compute_score("x", right, SINE) == 1.0
    children = []
    for response in (right, wrong) * 2:
        pid = os.fork()
        if pid == 0:
            os._exit(int(compute_score("x", response, SINE)))
        children.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    assert codes == [1, 0, 1, 0]
    assert compute_score("x", right, SINE) == 1.0


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_a_process_pool_score(method: str) -> None:
    """They are daemonic: such a process may not have children by `multiprocessing`."""
    with multiprocessing.get_context(method).Pool(2) as pool:
        scores = pool.starmap(compute_score, [("x", SAME_SINE, SINE), ("x", "A: 41", TRUTH)] * 2)
    assert scores == [1.0, 0.0] * 2


@pytest.mark.ray
def test_a_worker_of_ray_scores() -> None:
    import ray

    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        score = ray.remote(compute_score)
        found = [score.remote("x", response, SINE) for response in (SAME_SINE, "\\boxed{1}", "\\boxed{who knows}")]
        assert ray.get(found[:2]) == [1.0, 0.0]
        with pytest.raises(NotJudged):
            ray.get(found[2])
    finally:
        ray.shutdown()


def test_threads_and_processes_forked_amid_them_score_beside_expressions_that_never_end() -> None:
    script = Path(__file__).resolve().parents[2] / "benchmarks" / "rewards.py"
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300, check=True)
    assert json.loads(run.stdout)["wrong"] == [0] * 9


def test_scores_of_threads_are_those_of_one() -> None:
    """Numbers to 40 digits, in threads that start together: none may see another's precision."""
    truths = [canonical_json({"answer": f"\\pi^{n}", "check": {"kind": "symbolic", "spec": {}}}) for n in range(2, 22)]
    found: list[list[float | None]] = []

    def work() -> None:
        found.append(reward([f"\\boxed{{\\pi^{n}+0.001}}" for n in range(2, 22)], ground_truth=truths))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[0.0] * 20] * 16


def test_import_loads_no_computer_algebra() -> None:
    script = "import sys, tracemill.rewards; print([m for m in ('sympy', 'z3', 'pyarrow', 'ray') if m in sys.modules])"
    root = str(Path(__file__).resolve().parents[2])
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("response", [None, 5, 0.5, b"\\boxed{42}"])
def test_what_is_no_response_is_not_judged(response: object) -> None:
    assert reward([response], [TRUTH]) == [None]
    with pytest.raises(NotJudged, match="a response is a text or a list of messages"):
        compute_score("mine", response, TRUTH)


def test_one_message_is_a_response() -> None:
    assert reward([{"role": "assistant", "content": "\\boxed{42}"}], [TRUTH]) == [1.0]


def test_columns_of_several_lengths_are_refused_and_leave_no_row_without_a_score() -> None:
    with pytest.raises(ValueError, match="completions has 2, ground_truth has 1"):
        reward(["A: 42"] * 2, [TRUTH])
    with pytest.raises(ValueError, match="columns of several lengths"):
        compute_scores(["a"], ["A: 42"] * 2, [TRUTH] * 2)


def test_a_plan_whose_simulator_is_not_described_is_not_judged() -> None:
    truth = canonical_json({"answer": "move a to b", "check": {"kind": "plan", "spec": {"a": 1}}})
    assert reward(["\\boxed{42}"], [truth]) == [None]


@pytest.mark.parametrize("opening", ["<think >", "< think>", "<think\n>", "<THINK >"])
def test_blanks_within_a_tag_do_not_hide_a_thought(opening: str) -> None:
    assert reward([f"{opening}\\boxed{{42}}"], [TRUTH]) == [0.0]
    assert reward([f"{opening}\\boxed{{41}}</ think >\\boxed{{42}}"], [TRUTH]) == [1.0]


@pytest.mark.parametrize("case", EVERY, ids=range(len(EVERY)))
def test_every_case_is_scored_as_it_should_be_case_50_and_51_among_them(case: Scored) -> None:
    verdict = judge_row(case.response, case.ground_truth, case.prompt)
    assert verdict.reward == case.reward
    assert (verdict.outcome in ("verified", "refuted")) == (case.reward is not None)
    assert verdict.reason
