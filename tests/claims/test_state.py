"""The `state` checker on claims whose truth is known by looking, and the judging of plans."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tracemill.claims.claim_checker import Ruling
from tracemill.claims.state.checker import MAX_ITEMS, MAX_NAME, MAX_THINGS, StateChecker
from tracemill.claims.state.plan import MAX_ANSWER, MAX_MOVES, judge_plan
from tracemill.records import Check, Claim, Problem, Source, Step, canonical_json, premise

CHECKER = StateChecker()
STACKS = [["a", "b", "c"], ["d"], ["e", "f"]]
GOAL = [["d", "c"], ["e"]]
INITIAL, WISH = premise(0), premise(1)


def problem_with(*premises: Claim) -> Problem:
    return Problem(
        id="p",
        group_id="g",
        domain="planning.classical.blocks_world.port",
        prompt="",
        answer="",
        check=Check("plan"),
        source=Source("test", "1", "Apache-2.0", 0, 0),
        premises=premises or (Claim("state", {"stacks": STACKS}), Claim("goal", {"stacks": GOAL})),
    )


def step(payload: Any, *uses: int) -> Step:
    return Step(0, 0, 0, Claim("state", payload), uses)


def rule(*steps: Step, problem: Problem | None = None) -> Ruling:
    """The ruling on the last of the steps."""
    index = len(steps) - 1
    return CHECKER.rule(problem or problem_with(), steps, [index])[index]


TRUE = [
    {"stacks": [["d"], ["e", "f"], ["a", "b", "c"]]},
    {"moves": [["c", "d"]], "stacks": [["a", "b"], ["d", "c"], ["e", "f"]]},
    {"moves": [["c", None]], "stacks": [["a", "b"], ["d"], ["e", "f"], ["c"]]},
    {"moves": [["d", "f"]], "stacks": [["e", "f", "d"], ["a", "b", "c"]]},
    {"moves": [["c", "d"]], "stacks": [["a", "b"], ["d", "c"], ["e", "f"]], "missing": [], "clear": ["b"]},
    {"on": [["c", "b"], ["d", None]]},
    {"clear": ["c", "d", "f"]},
    {"above": {"a": ["b", "c"], "e": ["f"], "d": []}},
    {"moves": [["c", None], ["f", "b"], ["c", "f"]]},
    {"moves": [["c", "d"]], "clear": ["b", "c"]},
    {"wanted": [["c", "d"]]},
    {"wanted": [["e", None], ["c", "d"], ["d", None]]},
    {"goal": [["e", None], ["c", "d"], ["d", None]]},
    {"missing": [["c", "d"]]},
    {"settled": ["d", "e"]},
    {"wanted": [["c", "d"]], "clear": ["c", "d"], "settled": ["d"]},
]

FALSE = [
    ({"stacks": [["d"], ["e", "f"], ["a", "c", "b"]]}, "rests on"),
    ({"stacks": [["d"], ["e", "f"], ["a", "b"]]}, "'c' is left out"),
    ({"stacks": [["d"], ["e", "f"], ["a", "b", "c"], ["g"]]}, "no 'g'"),
    ({"stacks": [["d"], ["e", "f"], ["a", "b", "c"], ["d"]]}, "'d' stands in two places"),
    ({"moves": [["b", "d"]], "stacks": [["a", "c"], ["d", "b"], ["e", "f"]]}, "'c' is on it"),
    ({"moves": [["b", "d"]], "stacks": [["a"], ["d", "b", "c"], ["e", "f"]]}, "'c' is on it"),
    ({"moves": [["d", "b"]], "stacks": [["a", "b", "d", "c"], ["e", "f"]]}, "'c' is on it"),
    ({"moves": [["c", "c"]], "stacks": STACKS}, "on itself"),
    ({"moves": [["c", "b"]], "stacks": STACKS}, "already rests on 'b'"),
    ({"moves": [["d", None]], "stacks": STACKS}, "already rests on the floor"),
    ({"moves": [["g", "d"]], "stacks": STACKS}, "no 'g'"),
    ({"moves": [["c", "g"]], "stacks": STACKS}, "no 'g'"),
    ({"moves": [["c", "d"]], "stacks": STACKS}, "'c' rests on 'd', not on 'b'"),
    ({"moves": [["c", "d"]], "stacks": [["a", "b"], ["d"], ["e", "f", "c"]]}, "'c' rests on 'd', not on 'f'"),
    ({"moves": [["c", "f"]], "stacks": [["a", "b"], ["d"], ["e", "f", "c"]], "missing": []}, "'c' on 'd'"),
    ({"on": [["c", "b"], ["c", "a"]]}, "'c' does not rest on 'a'"),
    ({"on": [["b", None]]}, "the floor"),
    ({"on": [["g", None]]}, "not there"),
    ({"clear": ["c", "b"]}, "'b' is not clear: 'c' is on it"),
    ({"clear": ["g"]}, "not there"),
    ({"above": {"a": ["c", "b"]}}, "above 'a'"),
    ({"above": {"a": ["b"]}}, "above 'a'"),
    ({"above": {"b": []}}, "above 'b'"),
    ({"above": {"g": []}}, "not there"),
    ({"goal": [["c", "d"], ["d", None]]}, "the goal asks for 'e' on the floor"),
    ({"goal": [["e", None], ["c", "d"], ["d", None], ["f", "e"]]}, "the goal does not ask for 'f'"),
    ({"wanted": [["c", "b"]]}, "does not ask"),
    ({"wanted": [["f", None]]}, "does not ask"),
    ({"moves": [["c", "d"], ["d", None]]}, "'c' is on it"),
    ({"missing": []}, "'c' on 'd' is asked for and not so"),
    ({"missing": [["c", "d"], ["d", None]]}, "'d' on the floor is not missing"),
    ({"settled": ["c"]}, "'c' or something beneath"),
    ({"settled": ["f"]}, "'f' or something beneath"),
    ({"settled": ["a"]}, "'a' or something beneath"),
    ({"wanted": [["c", "d"]], "clear": ["c", "a"]}, "'a' is not clear"),
]


def test_what_rests_on_a_claim_that_is_not_verified_is_not_refuted_for_it() -> None:
    unfounded, wrong = step({"stacks": [["d"], ["f", "e"], ["a", "b", "c"]]}), step({"clear": ["e", "f"]}, 0)
    rulings = CHECKER.rule(problem_with(), [unfounded, wrong], [0, 1])
    assert [rulings[index].outcome for index in (0, 1)] == ["unknown", "unknown"]
    assert rulings[1].reason == "rests on step 0, which is unknown"
    through = step({"moves": [["c", None]]}, 0)
    rulings = CHECKER.rule(problem_with(), [unfounded, through, step({"clear": ["f"]}, 1)], [0, 1, 2])
    assert [rulings[index].outcome for index in (0, 1, 2)] == ["unknown", "verified", "unknown"]
    assert rulings[2].reason == "rests on step 0, which is unknown"
    moved = step({"moves": [["c", "d"]], "stacks": [["a", "b"], ["d", "c"], ["e", "f"]]}, INITIAL)
    rulings = CHECKER.rule(problem_with(), [moved, step({"clear": ["d"]}, 0)], [0, 1])
    assert [rulings[index].outcome for index in (0, 1)] == ["verified", "refuted"]


def test_a_step_starts_from_where_moves_lead_that_list_no_stacks() -> None:
    first, second = step({"moves": [["c", "d"]]}, INITIAL), step({"moves": [["b", None]]}, 0)
    for last, outcome in (({"clear": ["a"], "above": {"d": ["c"]}}, "verified"), ({"clear": ["d"]}, "refuted")):
        assert rule(first, second, step(last, 1)).outcome == outcome
    unlawful = step({"moves": [["b", "d"]]}, INITIAL)
    ruling = rule(unlawful, step({"clear": ["b"]}, 0))
    assert ruling.outcome == "unknown" and "'c' is on it" in ruling.reason
    assert rule(step({"moves": [["c", "d"]]}), step({"clear": ["b"]}, 0)).outcome == "unknown"


@pytest.mark.parametrize("payload", TRUE)
def test_what_is_so_is_verified(payload: Any) -> None:
    ruling = rule(step(payload, INITIAL, WISH))
    assert (ruling.outcome, ruling.strength) == ("verified", "exact")


@pytest.mark.parametrize(("payload", "reason"), FALSE)
def test_what_is_not_so_is_refuted_with_the_reason(payload: Any, reason: str) -> None:
    ruling = rule(step(payload, INITIAL, WISH))
    assert (ruling.outcome, ruling.strength) == ("refuted", "exact")
    assert reason in ruling.reason


@pytest.mark.parametrize(
    "payload",
    [
        {},
        [],
        "stacks",
        {"stacks": []},
        {"stacks": [[]]},
        {"stacks": [["a", "b", "c"], ["d"], ["e", "f"], []]},
        {"stacks": "abc"},
        {"stacks": [["a", 2]]},
        {"stacks": [["a" * (MAX_NAME + 1)]]},
        {"stacks": [[f"x{index}" for index in range(MAX_THINGS + 1)]]},
        {"stacks": [STACKS[0]], "because": "I say so"},
        {"moves": []},
        {"moves": ["c", "d"]},
        {"move": ["c", "d"], "stacks": STACKS},
        {"goal": []},
        {"moves": [["c"]], "stacks": STACKS},
        {"moves": [["c", ["d"]]], "stacks": STACKS},
        {"moves": [[None, "c"]], "stacks": STACKS},
        {"moves": {"c": "d"}, "stacks": STACKS},
        {"on": []},
        {"on": [["c", "b", "a"]]},
        {"on": {"c": "b"}},
        {"clear": []},
        {"clear": "c"},
        {"clear": ["c"] * (MAX_ITEMS + 1)},
        {"clear": [True]},
        {"above": {}},
        {"above": [["a", ["b", "c"]]]},
        {"wanted": []},
        {"settled": []},
        {"missing": None},
        {"reached": True},
    ],
)
def test_another_form_is_unknown(payload: Any) -> None:
    """Empty lists would be true of everything: a trace could be padded with them."""
    ruling = rule(step(payload, INITIAL, WISH))
    assert (ruling.outcome, ruling.strength) == ("unknown", None)


@pytest.mark.parametrize(
    ("payload", "uses"),
    [
        ({"clear": ["c"]}, ()),
        ({"clear": ["c"]}, (WISH,)),
        ({"clear": ["c"]}, (0,)),
        ({"clear": ["c"]}, (INITIAL, 1)),
        ({"clear": ["c"]}, (INITIAL, 2)),
        ({"clear": ["c"]}, (INITIAL, 7)),
        ({"clear": ["c"]}, (INITIAL, -3)),
        ({"wanted": [["c", "d"]]}, (INITIAL,)),
        ({"missing": [["c", "d"]]}, (WISH,)),
        ({"settled": ["d"]}, (INITIAL,)),
        ({"clear": ["c"]}, (INITIAL, *range(-500, -2))),
    ],
)
def test_a_step_that_does_not_say_what_it_starts_from_is_unknown(payload: Any, uses: tuple[int, ...]) -> None:
    steps = (step({"on": [["c", "b"]]}, INITIAL), step(payload, *uses), step({"stacks": STACKS}, INITIAL))
    assert CHECKER.rule(problem_with(), steps, [1])[1].outcome == "unknown"


def test_two_states_to_start_from_are_unknown() -> None:
    moved = step({"moves": [["c", "d"]], "stacks": [["a", "b"], ["d", "c"], ["e", "f"]]}, INITIAL)
    assert rule(moved, step({"clear": ["b"]}, 0)).outcome == "verified"
    assert rule(moved, step({"clear": ["b"]}, INITIAL)).outcome == "refuted"
    assert rule(moved, step({"clear": ["b"]}, 0, INITIAL)).outcome == "unknown"


def test_a_step_cannot_set_its_own_goal() -> None:
    own = Step(0, 0, 0, Claim("goal", {"stacks": [["a"]]}), ())
    assert rule(own, step({"missing": []}, INITIAL, 0)).outcome == "unknown"
    assert rule(own, step({"missing": []}, INITIAL, WISH, 0)).outcome == "refuted"


def test_a_claim_is_judged_from_the_claimed_state_even_if_that_is_wrong() -> None:
    wrong = step({"moves": [["b", None]], "stacks": [["a", "c"], ["b"], ["d"], ["e", "f"]]}, INITIAL)
    follows = step({"moves": [["c", "d"]], "stacks": [["a"], ["b"], ["d", "c"], ["e", "f"]]}, 0)
    rulings = CHECKER.rule(problem_with(), (wrong, follows), [0, 1])
    assert [rulings[0].outcome, rulings[1].outcome] == ["refuted", "verified"]


def test_a_used_state_that_cannot_be_is_unknown() -> None:
    twice = step({"stacks": [["a", "b", "c"], ["a"]]}, INITIAL)
    assert rule(twice).outcome == "refuted"
    assert rule(twice, step({"clear": ["c"]}, 0)).outcome == "unknown"
    broken = problem_with(Claim("state", {"stacks": "abc"}), Claim("goal", {"stacks": GOAL, "or": 1}))
    assert rule(step({"clear": ["c"]}, INITIAL), problem=broken).outcome == "unknown"
    assert rule(step({"wanted": [["c", "d"]]}, WISH), problem=broken).outcome == "unknown"


def test_only_wanted_claims_of_its_own_kind_are_ruled_on() -> None:
    steps = (step({"clear": ["c"]}, INITIAL), Step(0, 0, 0, Claim("equation", {"lhs": "1", "rhs": "1"})), Step(0, 0, 0))
    rulings = CHECKER.rule(problem_with(), steps, [1, 2])
    assert {index: ruling.outcome for index, ruling in rulings.items()} == {1: "unknown", 2: "unknown"}


def test_payloads_may_come_from_json() -> None:
    for payload in TRUE:
        assert rule(step(json.loads(canonical_json(payload)), INITIAL, WISH)).outcome == "verified"


SPEC = {
    "simulator": "blocks",
    "initial": {"stacks": [["red crate", "tea crate"], ["crate to Oslo"]]},
    "goal": {"stacks": [["crate to Oslo", "red crate"]]},
    "floor": "quay",
}
PLAN = "move tea crate to the quay\nmove red crate onto crate to Oslo"


@pytest.mark.parametrize(
    "answer",
    [
        PLAN,
        f"\n\n  {PLAN}\n\n",
        PLAN.upper(),
        "1. move tea crate to the quay\n2. move red crate onto crate to Oslo",
        "1) Move the tea crate to the quay.\n2) Move the red crate onto the crate to Oslo.",
        "- `move tea crate to quay`\n- `move red crate onto crate to Oslo`",
        "* **move tea crate to the quay**\n* **move red crate onto crate to Oslo**",
        "Step 1: move tea crate onto the quay;\nstep 2: move red crate on top of crate to Oslo;",
        "(1) move  tea   crate to the quay\r\n(2) move red crate on crate to Oslo",
        "move tea crate onto crate to Oslo\nmove tea crate to the quay\nmove red crate onto crate to Oslo",
        f"{PLAN}\nmove tea crate onto red crate",
    ],
)
def test_any_plan_that_reaches_the_goal_is_right(answer: str) -> None:
    ruling = judge_plan(SPEC, answer)
    assert (ruling.outcome, ruling.strength) == ("verified", "exact"), ruling.reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "no move"),
        (" \n\t\n", "no move"),
        ("move red crate onto crate to Oslo", "'tea crate' is on it"),
        ("move tea crate to the quay", "at the end 'red crate'"),
        (f"{PLAN}\nmove red crate to the quay", "at the end 'red crate'"),
        (f"{PLAN}\nmove red crate onto crate to Oslo", "already rests"),
        (f"move crate to Oslo to the quay\n{PLAN}", "already rests on the floor"),
        (f"{PLAN}\nmove tea crate onto tea crate", "on itself"),
        (f"{PLAN}\nmove blue crate to the quay", "line 3"),
        (f"{PLAN}\nmove tea crate onto blue crate", "line 3"),
        (f"{PLAN}\nand so on", "line 3"),
        (f"{PLAN}\nor", "line 3"),
        (f"Here you are:\n{PLAN}", "line 1"),
        (PLAN.replace("\n", " "), "line 1"),
        (PLAN.replace("\n", ", then "), "line 1"),
        ("move tea crate to the quay\nmove red crate onto", "line 2"),
        ("move tea crate to the quay or onto crate to Oslo\nmove red crate onto crate to Oslo", "line 1"),
        ("tea crate to the quay\nred crate onto crate to Oslo", "line 1"),
        ("move tea crate to the floor\nmove red crate onto crate to Oslo", "line 1"),
        ("move tea to the quay\nmove red onto crate to Oslo", "line 1"),
        ("1 2 move tea crate to the quay", "line 1"),
    ],
)
def test_a_plan_that_fails_or_cannot_be_read_is_refuted(answer: str, reason: str) -> None:
    ruling = judge_plan(SPEC, answer)
    assert (ruling.outcome, ruling.strength) == ("refuted", "exact")
    assert reason in ruling.reason


def test_long_plans_are_cut_off() -> None:
    detour = "move tea crate onto crate to Oslo\nmove tea crate onto red crate\n"
    fits = detour * ((MAX_MOVES - 2) // 2)
    assert judge_plan(SPEC, fits + PLAN).outcome == "verified"
    for answer in (fits + detour + PLAN, PLAN + " " * MAX_ANSWER, "\n" * MAX_ANSWER + PLAN):
        ruling = judge_plan(SPEC, answer)
        assert ruling.outcome == "refuted"
    assert "more than" in judge_plan(SPEC, fits + detour + PLAN).reason


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {**SPEC, "simulator": "trains"},
        {**SPEC, "extra": 1},
        {key: value for key, value in SPEC.items() if key != "floor"},
        {**SPEC, "floor": ""},
        {**SPEC, "floor": "Red Crate"},
        {**SPEC, "goal": {"stacks": [["blue crate"]]}},
        {**SPEC, "initial": {"stacks": [["red crate", "red crate"]]}},
        {**SPEC, "initial": {"stacks": [["red crate", "Red  Crate"], ["tea crate"], ["crate to Oslo"]]}},
        {**SPEC, "goal": {"stacks": []}},
        {**SPEC, "goal": [["crate to Oslo", "red crate"]]},
    ],
)
def test_a_spec_that_cannot_be_used_decides_nothing(spec: dict[str, Any]) -> None:
    assert judge_plan(spec, PLAN).outcome == "unknown"
