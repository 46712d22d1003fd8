"""Every record comes back from Parquet as it went in: one realistic example of each, with what later features fill."""

import gc
import io
import weakref

import pyarrow.parquet as pq
import pytest
from tracemill.records import (
    Check,
    Claim,
    Completion,
    Decision,
    Estimate,
    Flaw,
    Label,
    LabelledStep,
    Problem,
    Reference,
    Source,
    Step,
    StepVerdict,
    ToolCall,
    Trace,
    Turn,
    Verdict,
    canonical_json,
    estimate_id,
    premise,
    problem_id,
    split_of,
    trace_digest,
    trace_id,
    verdict_id,
)
from tracemill.records.codec import TABLE_OF, Packer, decode, encode
from tracemill.records.labels import correct
from tracemill.records.schema import SCHEMAS

SOURCE = Source("gsm-like", "sha256:ab12", "MIT", 41, 2**40)
PID = problem_id(SOURCE, "math.algebra.linear_system.market", "", "What does a pear cost?", ())

PROBLEM = Problem(
    id=PID,
    group_id="g" * 20,
    domain="math.algebra.linear_system.market",
    prompt="What does a pear cost?",
    answer='{"pear":"5/2"}',
    check=Check("structured", {"fields": {"pear": "numeric"}}),
    source=SOURCE,
    system="Think before you answer.",
    tools=({"type": "function", "function": {"name": "python", "parameters": {"code": "string"}}},),
    premises=(Claim("symbols", {"pear": "Real"}), Claim("entailment", {"formula": "(= (* 2 pear) 5)"})),
    references=(
        Reference("human", "2 pears cost 5.", (correct(True),)),
        Reference(
            "model-6b",
            "2 + 1 = 3\n\nA: 3",
            (Label("ratings", "[1,-1]", steps=(LabelledStep(0, 9, 1), LabelledStep(11, 15, -1))),),
            "length",
            (
                Turn("assistant", "", "I should run it.", (ToolCall("c1", "python", {"code": "2+1"}),)),
                Turn("tool", "3"),
            ),
        ),
    ),
    difficulty=0.25,
    parent_id="p" * 20,
    relation="false_premise",
    tags=("word-problem",),
    metadata={"instance": {"coefficients": [[2]], "big": 2**70}},
)

SEARCH = Trace(
    id=trace_id(PID, "teacher@1", "search", "1/0/2"),
    digest="d" * 20,
    problem_id=PID,
    skill="strategy",
    teacher="some-model",
    strategy="search",
    sample_index=3,
    path="1/0/2",
    turns=(
        Turn("assistant", "", "I should run it.", (ToolCall("c1", "python", {"code": "5/2"}),)),
        Turn("tool", "2.5", tool_call_id="c1"),
        Turn("assistant", "\\boxed{5/2}", "So 5/2. — ünïcode 🧮"),
    ),
    finish_reason="stop",
    steps=(
        Step(0, 0, 16, None, ()),
        Step(2, 0, 7, Claim("entailment", {"formula": "(= pear (/ 5 2))"}), (premise(1),)),
        Step(2, 0, 7, Claim("contract", {"requires": ["n >= 0"], "ensures": ["result >= n"]}), (1,)),
        Step(2, 0, 7, Claim("proof_state", {"goals": ["⊢ 2 * p = 5"], "tactic": "linarith"}), (1, 2)),
    ),
    flaw=Flaw(1, "sign_slip", "The sign was lost."),
    effort="high",
    budget_tokens=4096,
    prompt_tokens=12,
    reasoning_tokens=90,
    completion_tokens=101,
    seconds=1.5,
    joules=320.25,
    parent_id=trace_id(PID, "teacher@1", "refine", "0"),
    relation="revision",
    call_ids=("a", "b"),
    error=None,
    created="2026-01-02T03:04:05Z",
    metadata={"refine": {"round": 2, "feedback": "step 1 is refuted"}},
    labels=(Label("score", "0.5"), Label("rating", "1", steps=(LabelledStep(0, 7, None),))),
)

VERDICT = Verdict(
    id=verdict_id(SEARCH.id, "steps", "1", {"z3": "5.4"}, 1),
    trace_id=SEARCH.id,
    trace_digest=SEARCH.digest,
    verifier="steps",
    version="1",
    scope="steps",
    outcome="refuted",
    strength="proof",
    reason="step 1 contradicts the premises",
    judge={"z3": "5.4", "rlimit": 100000},
    score=0.5,
    evidence={"first_refuted": 1, "entailed_prefix": 1},
    steps=(
        StepVerdict(1, 2, 0, 7, SEARCH.steps[1].claim, "refuted", "contradicts", {"model": {"pear": "5/2"}}),
        StepVerdict(None, 2, 0, 7, None, "unknown", "no checker"),
    ),
    coverage_claims=2 / 3,
    coverage_steps=0.5,
    isolation="limited-process",
    attempt=1,
    seconds=0.01,
)

EXAMPLES = [
    PROBLEM,
    SEARCH,
    VERDICT,
    Completion(
        id=f"{PID}-0123456789ab",
        problem_id=PID,
        call="refine/1",
        author="some-model",
        turn=SEARCH.turns[0],
        finish_reason="tool_calls",
        steps=SEARCH.steps,
        flaw=SEARCH.flaw,
        prompt_tokens=12,
        reasoning_tokens=3,
        completion_tokens=9,
        logprobs=(-0.25, -1.5),
        seconds=0.2,
        joules=5.0,
        error=None,
        attempt=2,
        metadata={"route": "replica-2"},
    ),
    Completion(
        id=f"{PID}-x", problem_id=PID, call="0", author="m", turn=None, finish_reason="error", error="503 after 5 tries"
    ),
    Estimate(estimate_id(PID, "student-1b", "single"), PID, "student-1b", "single", 16, 5, 0.14, 0.56),
    Decision(f"{SEARCH.id}@sft", "trace", False, "answer refuted", "got 3", "sft", None, None, PID, (SEARCH.id,)),
    Decision("gsm-like:17", "line", False, "not JSON"),
]


@pytest.mark.parametrize("record", EXAMPLES, ids=lambda record: type(record).__name__)
def test_record_comes_back_from_parquet_as_it_went_in(record):
    table = TABLE_OF[type(record)]
    file = io.BytesIO()
    batch = encode(table, [record, record])
    with pq.ParquetWriter(file, SCHEMAS[table]) as writer:
        writer.write_batch(batch)
    back = pq.read_table(file)
    assert back.schema.equals(SCHEMAS[table])
    first, second = decode(table, back)
    assert first == second
    if record is PROBLEM:  # the one thing that changes: integers that other readers would round become strings
        assert first.metadata["instance"]["big"] == str(2**70)
        first.metadata["instance"]["big"] = 2**70
    assert first == record


def test_every_record_has_a_schema_with_a_column_per_field():
    for record, table in TABLE_OF.items():
        assert set(SCHEMAS[table].names) == set(record.__dataclass_fields__)


def test_canonical_json_is_one_text_for_one_value():
    value = {"b": (1, 2), "a": {"y": None, "x": 2**60}}
    assert canonical_json(value) == f'{{"a":{{"x":"{2**60}","y":null}},"b":[1,2]}}'
    assert canonical_json({"n": 2**53}) == '{"n":9007199254740992}'
    with pytest.raises(ValueError):
        canonical_json(float("nan"))


def test_ids_sort_with_their_problem():
    assert VERDICT.id.startswith(SEARCH.id) and SEARCH.id.startswith(PID) and len(PID) == 20


def test_digest_depends_on_all_that_came_back():
    def digest(**changes):
        given = {"turns": SEARCH.turns, "steps": SEARCH.steps, "flaw": SEARCH.flaw, "finish_reason": "stop"} | changes
        return trace_digest(**given)

    others = [
        digest(turns=SEARCH.turns[:2]),
        digest(steps=SEARCH.steps[:1]),
        digest(flaw=None),
        digest(finish_reason="length"),
    ]
    assert len({digest(), *others}) == 5


def test_split_is_fixed_by_the_group_and_close_to_the_share():
    splits = [split_of(f"group {i}", 0.1) for i in range(5000)]
    assert splits == [split_of(f"group {i}", 0.1) for i in range(5000)]
    assert 400 < splits.count("bench") < 600
    assert all(split_of(f"group {i}", 0.2) == "bench" for i in range(5000) if splits[i] == "bench")


def test_what_was_packed_goes_with_its_packer():
    """A packer that referred to itself would keep the rows of every chunk until Python's collector came by."""
    packer = Packer()
    ended = weakref.ref(packer)
    gc.disable()
    try:
        encode("problems", [PROBLEM], packer)
        encode("traces", [SEARCH], packer)
        del packer
        assert ended() is None
    finally:
        gc.enable()
