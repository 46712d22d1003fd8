from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from tracemill.claims.claim_checker import Canary, Ruling
from tracemill.claims.entailment.checker import EntailmentChecker
from tracemill.cli.command_line import main
from tracemill.records import Check, Claim, Flaw, Payload, Problem, Scope, Step, Trace, premise
from tracemill.running.phases.audit_verifiers import refuse_failed
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.settings.plugins import TABLE, installed
from tracemill.tasks.task import Detail, Draft, Line, Misconception, Request, Solution, Task
from tracemill.verifiers import audit_pieces
from tracemill.verifiers.answer.verifier import AnswerVerifier
from tracemill.verifiers.audit import BY_CONSTRUCTION, AuditReport, audit_verifier
from tracemill.verifiers.audit_pieces import AuditOrder, Piece, audit, do_piece, done_in_turn
from tracemill.verifiers.cases import cases_of, draw, stated_answer
from tracemill.verifiers.intervals import wilson
from tracemill.verifiers.steps import StepsVerifier
from tracemill.verifiers.verifier import Verifier


class Doubling:
    """Doubles a number in two steps; the misconception adds one at the second."""

    name: ClassVar[str] = "math.test.doubling"
    version: ClassVar[str] = "1"
    summary: ClassVar[str] = "a number is doubled"
    licence: ClassVar[str] = "Apache-2.0"
    themes: ClassVar[tuple[str, ...]] = ("plain", "fancy")
    misconceptions: ClassVar[tuple[Misconception, ...]] = (
        Misconception("impossible", "slip", "cannot be made"),
        Misconception("adds one", "slip", "one too many"),
    )
    size: ClassVar[int] = 1_000

    def missing(self) -> str | None:
        return None

    def capacity(self, band: tuple[float, float]) -> int | None:
        return self.size

    def make(self, request: Request) -> Draft | None:
        if request.index >= self.size:
            return None
        n = request.rng.randint(2, 10**6)
        premises = (Claim("symbols", {"x": "Int", "y": "Int"}), formula(f"(= x {n})"), formula("(= y (* 2 x))"))
        return Draft(f"Double {n}.", str(2 * n), Check("numeric"), premises, str(n), {"n": n})

    def solve(self, problem: Problem, rng: random.Random, detail: Detail = "normal") -> Solution:
        return self._told(problem, 0)

    def err(
        self, problem: Problem, misconceptions: Sequence[str], rng: random.Random, detail: Detail = "normal"
    ) -> Solution | None:
        return self._told(problem, 1) if "adds one" in misconceptions else None

    def correct(
        self, problem: Problem, misconceptions: Sequence[str], rng: random.Random, detail: Detail = "normal"
    ) -> Solution | None:
        return None

    def _told(self, problem: Problem, extra: int) -> Solution:
        n = problem.metadata["instance"]["n"]
        lines = (
            Line(f"x is {n}.", formula(f"(= x {n})"), (premise(1),)),
            Line(f"y is {2 * n + extra}.", formula(f"(= y {2 * n + extra})"), (0, premise(2))),
            Line(f"So y is even: {extra}.", formula(f"(= (- y {extra}) (* 2 {n}))"), (1,)),
        )
        flaw = Flaw(1, "adds one", "one too many") if extra else None
        return Solution(lines, f"The answer is \\boxed{{{2 * n + extra}}}.", flaw)


class Exhausted(Doubling):
    size: ClassVar[int] = 0


class Tripling(Doubling):
    """Another name for the same."""

    name: ClassVar[str] = "math.test.tripling"


class DoublingOracle:
    method: ClassVar[str] = "multiplication"

    def answers(self, problem: Problem, answer: str) -> bool:
        return int(answer) == 2 * problem.metadata["instance"]["n"]

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        n = problem.metadata["instance"]["n"]
        return None if steps[1].claim == formula(f"(= y {2 * n})") else 1


class ContraryOracle(DoublingOracle):
    def answers(self, problem: Problem, answer: str) -> bool:
        return False

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        return 0


class AnyConfig(BaseModel):
    kind: str = ""


class AlwaysVerified(Verifier):
    Config: ClassVar[Any] = AnyConfig
    name: ClassVar[str] = "gullible"
    version: ClassVar[str] = "0"
    scope: ClassVar[Scope] = "steps"

    def __init__(self, config: AnyConfig | None = None) -> None:
        super().__init__()

    @property
    def judge(self) -> Payload:
        return {}

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        return Ruling("verified", "looks good", strength="judged")

    def canaries(self, kinds: Collection[str] | None = None) -> Iterable[Canary]:
        return list(EntailmentChecker().canaries())[:4]


class Equality(AlwaysVerified):
    """Compares answers, as it should."""

    name: ClassVar[str] = "equality"
    scope: ClassVar[Scope] = "answer"

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        right = stated_answer(trace.turns[0].content) == problem.answer
        return Ruling("verified" if right else "refuted", "compared", strength="exact")

    def canaries(self, kinds: Collection[str] | None = None) -> Iterable[Canary]:
        request = Request(0, "plain", 0.5, (0, 1), random.Random(0))
        (canary, *_) = AlwaysVerified().canaries()
        draft = Doubling().make(request)
        assert draft
        problem = replace(canary.problem, answer=draft.answer, metadata={"instance": draft.instance})
        turn = Doubling().solve(problem, random.Random(0)).turn()
        yield Canary("gold", problem, replace(canary.trace, turns=(turn,)), "verified")


class AlwaysVerifiedAnswer(Equality):
    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        return Ruling("verified", "looks good", strength="judged")


class NeverSure(AlwaysVerified):
    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        return Ruling("unknown", "who knows")


class OfPrograms(Equality):
    """Leaves every answer to another verifier."""

    def concerns(self, problem: Problem, trace: Trace) -> bool:
        return problem.check.kind == "code"

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        known = problem.source.name == "canaries"
        return super().rule(problem, trace) if known else Ruling("unknown", "no program")


class OfEvenNumbers(Equality):
    """Leaves half of the answers to another verifier."""

    def concerns(self, problem: Problem, trace: Trace) -> bool:
        return bool(problem.metadata["instance"]["n"] % 2 == 0)


class UnsureOfMistakes(Equality):
    """Verifies right answers, and decides nothing about wrong ones."""

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        ruling = super().rule(problem, trace)
        return ruling if ruling.outcome == "verified" else Ruling("unknown", "who knows")


class Crashing(Equality):
    """Knows its canary, and nothing else."""

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        if problem.source.name == "canaries":
            return super().rule(problem, trace)
        raise RuntimeError("no space left")


class Hasty(EntailmentChecker):
    """Says `refuted` where the solver did not finish."""

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        rulings = super().rule(problem, steps, wanted)
        late = Ruling("refuted", "took too long", strength="proof")
        return {index: late if "undecided" in ruling.reason else ruling for index, ruling in rulings.items()}


class Misplacing(EntailmentChecker):
    """Refutes the right traces, but at the step after the wrong one."""

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        rulings = dict(super().rule(problem, steps, wanted))
        for index in sorted(rulings):
            if rulings[index].outcome == "refuted" and index + 1 in rulings:
                rulings[index], rulings[index + 1] = rulings[index + 1], rulings[index]
                break
        return rulings


@pytest.fixture(autouse=True)
def _doubling(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(TABLE["task"], Doubling.name, f"{__name__}:Doubling")
    monkeypatch.setattr(Doubling, "oracle", DoublingOracle, raising=False)
    installed.cache_clear()
    yield
    installed.cache_clear()


def use(monkeypatch: pytest.MonkeyPatch, thing: str, name: str, target: type) -> None:
    monkeypatch.setitem(TABLE[thing], name, f"{__name__}:{target.__name__}")
    installed.cache_clear()


def formula(text: str) -> Claim:
    return Claim("entailment", {"formula": text})


def audited(verifier: AlwaysVerified, domain: Task | None = None) -> AuditReport:
    return audit_verifier(verifier, [domain or Doubling()], 8, seed=5)


def test_the_steps_verifier_passes_its_audit() -> None:
    (report,) = audit([("steps", {})], [Doubling.name], 8, seed=5)
    assert report.failures == ()
    assert report.passed
    assert (report.canaries_passed, report.canaries_total) == (len(list(StepsVerifier().canaries())),) * 2
    assert (report.gold_n, report.false_negatives, report.gold_undecided) == (8, 0, 0)
    assert (report.twin_n, report.false_positives, report.twin_undecided) == (8, 0, 0)
    assert report.oracles == ((Doubling.name, "multiplication"),)


@pytest.mark.parametrize(
    "task",
    [
        "math.algebra.linear_system",
        "logic.puzzle.knights_knaves",
        "planning.classical.blocks_world",
        "biology.genetics.crosses",
    ],
)
def test_the_steps_verifier_passes_on_the_domains_that_ship(task: str) -> None:
    (report,) = audit([("steps", {})], [task], 12, seed=11)
    assert report.failures == ()
    assert report.passed
    assert 12 < report.gold_n <= 16, "twelve right solutions, and of every third problem one that corrects itself"
    assert report.twin_n >= 10


def test_a_verifier_that_verifies_everything_fails() -> None:
    report = audited(AlwaysVerified())
    assert not report.passed
    assert (report.false_positives, report.twin_n) == (8, 8)
    assert (report.canaries_passed, report.canaries_total) == (2, 4)
    assert report.false_positive_rate.rate == 1.0
    assert (report.false_positive_rate.low, report.false_positive_rate.high) == wilson(8, 8)
    assert sum("false positive" in failure for failure in report.failures) == 8


def test_a_checker_that_refutes_when_the_solver_gives_up_fails_a_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "claim", "entailment", Hasty)
    (report,) = audit([("steps", {})], [Doubling.name], 2, seed=5)
    assert not report.passed
    assert [failure.split("'")[1] for failure in report.failures] == ["hang: three cubes"]
    assert report.canaries_passed == report.canaries_total - 1


def test_a_mistake_located_at_the_wrong_step_is_a_false_positive(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "claim", "entailment", Misplacing)
    (report,) = audit([("steps", {})], [Doubling.name], 4, seed=5)
    assert (report.twin_n, report.false_positives) == (4, 4)
    assert not report.passed


def test_what_is_left_undecided_is_counted_apart_for_right_and_wrong_cases_and_as_no_mistake() -> None:
    report = audited(UnsureOfMistakes())
    assert (report.gold_undecided, report.twin_undecided) == (0, 8)
    assert (report.false_positives, report.false_negatives) == (0, 0)
    assert (report.gold_undecided_rate.rate, report.twin_undecided_rate.rate) == (0.0, 1.0)
    assert (report.twin_undecided_rate.low, report.twin_undecided_rate.high) == wilson(8, 8)
    assert sum("wrong, but undecided: unknown (who knows)" in failure for failure in report.failures) == 8
    assert report.passed
    never = audited(NeverSure())
    assert (never.gold_undecided, never.twin_undecided, never.errors) == (8, 8, 0)


def test_cases_that_a_verifier_leaves_to_another_are_not_left_undecided_by_it() -> None:
    report = audited(OfPrograms())
    assert (report.not_concerned, report.gold_n, report.twin_n, report.gold_undecided) == (16, 0, 0, 0)
    assert (report.failures, report.oracles, report.by_task, report.passed) == ((), (), {}, True)
    some = audited(OfEvenNumbers())
    assert 0 < some.not_concerned < 16
    assert some.gold_n + some.twin_n + some.not_concerned == 16
    assert some.oracles == ((Doubling.name, "multiplication"),)
    assert some.by_task[Doubling.name]["not_concerned"] == some.not_concerned


def test_a_label_that_is_contested_fails_also_who_leaves_the_case_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doubling, "oracle", ContraryOracle)
    report = audited(OfPrograms())
    assert (report.disagreements, report.not_concerned, report.passed) == (8, 8, False)


def test_a_verifier_in_trouble_is_not_merely_unsure_and_fails() -> None:
    report = audited(Crashing())
    assert (report.errors, report.gold_undecided, report.twin_undecided) == (16, 8, 8)
    assert report.canaries_passed == report.canaries_total
    assert not report.passed


def test_the_command_prints_how_often_right_and_wrong_cases_were_left_undecided(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, "verifier", "unsure", UnsureOfMistakes)
    assert main(["audit", "--verifiers", "unsure", "--domains", Doubling.name, "--cases", "4", "--processes", "1"]) == 0
    text = capsys.readouterr().out
    assert "undecided of right 0 of 4 (0% to 49.0%), undecided of wrong 4 of 4 (51.0% to 100%)" in text


def test_the_command_says_how_many_cases_a_verifier_leaves_to_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, "verifier", "programs", OfPrograms)
    arguments = ["--domains", Doubling.name, "--cases", "4", "--processes", "1"]
    assert main(["audit", "--verifiers", "programs", *arguments]) == 0
    text = capsys.readouterr().out
    assert "; 8 cases are left to other verifiers: passed" in text and "but undecided" not in text


def test_of_cases_without_a_verdict_the_command_shows_some_and_of_wrong_verdicts_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, "verifier", "unsure", UnsureOfMistakes)
    use(monkeypatch, "verifier", "gullible", AlwaysVerifiedAnswer)
    use(monkeypatch, "verifier", "crashing", Crashing)
    cases = ["--domains", Doubling.name, "--cases", "14", "--processes", "1"]
    assert main(["audit", "--verifiers", "unsure", "gullible", "crashing", *cases]) == 1
    text = capsys.readouterr().out
    assert text.count("but undecided: unknown") == 10 and "… and 4 more undecided; --json shows them all" in text
    assert text.count(": false positive: ") == 14
    assert text.count("but undecided: error") == 28


def test_answers_are_labelled_by_the_oracle() -> None:
    report = audited(Equality())
    assert (report.passed, report.gold_n, report.twin_n) == (True, 8, 8)
    gullible = audited(AlwaysVerifiedAnswer())
    assert (gullible.canaries_passed, gullible.false_positives, gullible.passed) == (1, 8, False)


def test_an_oracle_that_contradicts_the_construction_labels_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doubling, "oracle", ContraryOracle)
    report = audited(AlwaysVerified())
    assert (report.disagreements, report.gold_n, report.twin_n) == (16, 0, 0)
    assert any("first wrong step 0 by the oracle, 1 by construction" in failure for failure in report.failures)
    answers = audited(Equality())
    assert (answers.disagreements, answers.gold_n, answers.twin_n, answers.passed) == (8, 0, 8, False)


def test_without_an_oracle_the_label_is_by_construction_and_the_report_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doubling, "oracle", None)
    report = audited(Equality())
    assert report.oracles == ((Doubling.name, BY_CONSTRUCTION),)
    assert (report.passed, report.gold_n, report.twin_n) == (True, 8, 8)
    assert audited(AlwaysVerified()).false_positives == 8


def test_an_audit_without_a_single_wrong_case_shows_nothing() -> None:
    report = audited(Equality(), Exhausted())
    assert (report.gold_n, report.twin_n, report.passed) == (0, 0, False)
    missing = f"no wrong solution to judge was made by the tasks {Exhausted.name}"
    assert missing in report.nothing_to_miss
    with pytest.raises(TracemillError, match=missing):
        refuse_failed([report], [report.verifier])
    assert (report.false_positive_rate.low, report.false_positive_rate.high) == (0.0, 1.0)


def test_the_same_seed_gives_the_same_audit() -> None:
    assert audited(AlwaysVerified()) == audited(AlwaysVerified())
    other = audit_verifier(AlwaysVerified(), [Doubling()], 9, seed=5)
    assert other.gold_n == 9


def test_the_counts_of_a_task_stand_apart_and_add_up_to_those_of_all() -> None:
    report = audit_verifier(AlwaysVerified(), [Doubling(), Exhausted()], 8, seed=5)
    both = audit_verifier(AlwaysVerified(), [Doubling()], 8, seed=5)
    assert report.by_task[Doubling.name]["false_positives"] == report.false_positives == 8
    assert report.by_task == both.by_task
    other = audit_verifier(AlwaysVerified(), [Doubling(), Tripling()], 8, seed=5)
    assert {task: one["twin_n"] for task, one in other.by_task.items()} == {Doubling.name: 8, Tripling.name: 8}
    assert (other.twin_n, other.gold_n) == (16, 16)


def test_kinds_of_claims_that_no_case_has_are_called_unmeasured() -> None:
    kinds = ("entailment", "equation")
    report = audit_verifier(StepsVerifier(StepsVerifier.Config(kind="steps")), [Doubling()], 2, 5, kinds)
    assert (report.kinds, report.unmeasured) == (("entailment",), ("equation",))
    (all_kinds,) = audit([("steps", {})], [Doubling.name], 2, 5)
    assert set(all_kinds.unmeasured) == installed("claim").keys() - {"entailment"}
    assert audit_verifier(Equality(), [Doubling()], 2, 5, kinds).unmeasured == ()


def test_the_command_says_what_was_not_measured(capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "--verifiers", "steps", "--domains", Doubling.name, "--cases", "2", "--processes", "1"])
    others = sorted(installed("claim").keys() - {"entailment"})
    assert f"not measured: claims of {', '.join(others)}" in capsys.readouterr().out


def test_a_report_is_the_same_however_the_audit_is_cut_and_wherever_its_pieces_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Elsewhere: pickled there and back, the last piece first."""

    def elsewhere(function: Callable[[Piece], Any], pieces: Iterable[Piece]) -> Iterator[Any]:
        results = [pickle.dumps(function(pickle.loads(pickle.dumps(piece)))) for piece in reversed(list(pieces))]
        return (pickle.loads(result) for result in reversed(results))

    use(monkeypatch, "verifier", "unsure", UnsureOfMistakes)
    order = ([("unsure", {}), ("steps", {})], [Doubling.name], 9, 5, ["entailment"])
    here = audit(*order)
    monkeypatch.setattr(audit_pieces, "CASES", 2)
    assert audit(*order, mapped=elsewhere) == here
    assert [report.verifier for report in here] == ["equality", "steps"]


def test_pieces_of_one_task_are_done_by_one_worker_and_give_what_each_gives_alone() -> None:
    order = AuditOrder((("steps", {}),), (Doubling.name,), 60, 5, ("entailment",))
    pieces, workers, done = order.pieces(), [], []

    def elsewhere(function: Callable[[Any], Any], work: Iterable[Any]) -> Iterator[Any]:
        workers.extend(work)
        return map(function, workers)

    pieces = [pieces[1], pieces[0], *pieces[2:]]  # the canaries between the cases
    assert done_in_turn(pieces, elsewhere, done.append) == [do_piece(piece) for piece in pieces]
    assert [len(one.pieces) for one in workers] == done == [3, 1]


def test_canaries_of_kinds_that_only_the_cases_bring_up_are_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    (early,) = audit([("steps", {})], [Doubling.name], 2, 5, ["entailment"])
    (late,) = audit([("steps", {})], [Doubling.name], 2, 5, [])
    assert late.canaries_total == early.canaries_total > 10
    (answers,) = audit([("answer", {})], [], 0, 5, [])
    assert answers.canaries_total == len(list(AnswerVerifier(AnswerVerifier.Config(kind="answer")).canaries()))


def test_names_that_are_not_installed_are_refused() -> None:
    with pytest.raises(UsageError, match="no verifier 'stepps'"):
        audit([("stepps", {})], [Doubling.name], 1, seed=0)
    with pytest.raises(UsageError, match="no task"):
        audit([("steps", {})], ["math.test.quadrupling"], 1, seed=0)


@pytest.mark.parametrize(
    ("closing", "answer"),
    [
        ("So \\boxed{x = 3, y = \\frac{1}{2}}.", "x = 3, y = \\frac{1}{2}"),
        ("Not \\boxed{1} but \\boxed{2}.", "2"),
        ("Done.\n\nAnswer: move a onto b\nmove c to the floor", "move a onto b\nmove c to the floor"),
        ("Answer: 1\nAnswer: 2", "2"),
    ],
)
def test_the_stated_answer_is_the_last_one(closing: str, answer: str) -> None:
    assert stated_answer(closing) == answer


@pytest.mark.parametrize("closing", ["It is 3.", "It is \\boxed{3."])
def test_a_closing_without_an_answer_is_refused(closing: str) -> None:
    with pytest.raises(ValueError, match=r"stated|closed"):
        stated_answer(closing)


class Unsorted(Doubling):
    def make(self, request: Request) -> Draft | None:
        made = super().make(request)
        return made and replace(made, instance={"z": {"y": 1, "b": 2}, **made.instance})


def test_a_task_is_audited_on_problems_as_a_build_reads_them_again() -> None:
    """Stored JSON has sorted keys: a task that relies on their order must not pass its audit."""
    drawn = draw(Unsorted(), 0, 0, "audit")
    assert drawn is not None
    instance = drawn[0].metadata["instance"]
    assert list(instance) == ["n", "z"]
    assert list(instance["z"]) == ["b", "y"]


class Barren(Doubling):
    def make(self, request: Request) -> Draft | None:
        if request.index % 2:
            raise RuntimeError("no number was found after 1 attempt")
        return super().make(request)


def test_an_index_at_which_a_task_finds_no_problem_is_no_case() -> None:
    assert [draw(Barren(), index, 0, "audit") is None for index in range(4)] == [False, True, False, True]
    assert {case.name.split()[1] for case in cases_of(Barren(), range(4), seed=0)} == {"#0", "#2"}


def test_solutions_that_take_a_mistake_back_are_right_cases() -> None:
    (report,) = audit([("steps", {})], ["math.algebra.linear_system"], 6, seed=1)
    assert "retraction" in report.kinds
    assert report.gold_n > 6
    assert report.passed
