"""A teacher that follows a script: right at a rate that its config says, drawn by the seed; and builds with it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from random import Random
from typing import ClassVar

from pydantic import BaseModel
from tracemill.asking.asking_config import AskingConfig, JudgingConfig
from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.rollouts_here import roll_here
from tracemill.asking.teachers.teacher import Reply
from tracemill.records import Check, Problem, Source, Turn, problem_id
from tracemill.records.codec import decode
from tracemill.settings import plugins
from workplace import Workplace


class ScriptedConfig(BaseModel):
    """`rates`: the chance of a right solution, by prompt; `rate`: of the others. `fails`: calls that break, such as
    `problem 3/critique/0`: prompt, what is asked for (`solve`, `critique`, `revise`, `step`, `rollout`), sample.
    `critic`: `honest`, `flatters` (always approves) or `nags` (never does). `steps`: of a solution in a search; each is
    bad with the chance 1 − rate, and one bad step makes the answer wrong. `shuffle`: another one lets calls that are
    under way together end in another order."""

    kind: str = "scripted"
    rates: Mapping[str, float] = {}
    rate: float = 0.5
    fails: tuple[str, ...] = ()
    critic: str = "honest"
    steps: int = 3
    tokens: int = 10
    shuffle: int = 0


class ScriptedTeacher:
    """`calls`: of each call its name, as in `fails`, and its seed, which no other call has."""

    Config = ScriptedConfig
    embedded = False
    unkeyed: ClassVar[frozenset[str]] = frozenset({"fails"})
    name = fingerprint = "scripted"
    calls: ClassVar[list[tuple[str, int]]] = []
    questions: ClassVar[list] = []

    def __init__(self, config):
        self.config = config

    def samples(self, problem, wanted):
        return 0 if problem.prompt == "unanswerable" else wanted

    async def answer(self, call):
        what = kind_of(call)
        name = f"{call.problem.prompt}/{what}/{call.sample_index}"
        self.calls.append((name, call.seed))
        self.questions.append(call)
        if name in self.config.fails:
            raise ConnectionError("503")
        for _ in range(Random(call.seed + self.config.shuffle).randrange(9)):
            await asyncio.sleep(0)
        rng = Random(call.seed)
        return Reply(
            Turn("assistant", self._text(call, what, rng)),
            prompt_tokens=5,
            completion_tokens=self.config.tokens + rng.randrange(3),
            metadata={"effort": call.sampling["effort"]} if "effort" in call.sampling else {},
        )

    async def close(self):
        return None

    def _text(self, call, what, rng):
        rate = self.config.rates.get(call.problem.prompt, self.config.rate)
        if what == "critique":
            right = f"\\boxed{{{call.problem.answer}}}" in call.messages[-1]["content"]
            approves = {"honest": right, "flatters": True, "nags": False}[self.config.critic]
            return f"I looked at each step.\nVERDICT: {'RIGHT' if approves else 'WRONG'}"
        if what in ("step", "rollout"):
            return self._continued(call, rng, rate)
        answer = call.problem.answer or call.problem.prompt.rpartition(" ")[2]
        return f"The answer is \\boxed{{{answer if rng.random() < rate else rng.randint(900, 902)}}}"

    def _continued(self, call, rng, rate):
        """A beginning with the next step, or with all that are left where nothing says to stop at one."""
        begun = re.findall(r"step \d+ (?:good|bad)", call.sampling.get("prefix", ""))
        said = []
        while len(begun) < self.config.steps:
            begun.append(f"step {rng.randrange(1000)} {'good' if rng.random() < rate else 'bad'}")
            said.append(begun[-1])
            if "stop" in call.sampling:
                break
        if len(begun) == self.config.steps and said:
            answer = 999 if any(step.endswith("bad") for step in begun) else call.problem.answer
            said[-1] += f" \\boxed{{{answer}}}"
        return (call.sampling.get("prefix", "") + "\n\n".join(said)).strip()


class ScriptedHere(ScriptedTeacher):
    """The same, judged in the process that asks: what a test starts often."""

    embedded = True


def kind_of(call) -> str:
    if "stop" in call.sampling:
        return "step"
    if "prefix" in call.sampling:
        return "rollout"
    if "VERDICT: WRONG" in call.messages[-1]["content"]:
        return "revise" if call.messages[-2:-1] else "critique"
    return "solve"


def install(monkeypatch) -> None:
    monkeypatch.setitem(plugins.TABLE["teacher"], "scripted", f"{__name__}:ScriptedTeacher")
    monkeypatch.setitem(plugins.TABLE["teacher"], "scripted_here", f"{__name__}:ScriptedHere")
    plugins.installed.cache_clear()
    ScriptedTeacher.calls.clear()
    ScriptedTeacher.questions.clear()


def problem(number: int, prompt: str = "") -> Problem:
    source = Source("test", "1", "MIT", number, 0)
    text = prompt or f"problem {number}"
    name = problem_id(source, "a.b.c.d", "", text, ())
    return Problem(name, "g", "a.b.c.d", text, str(number), Check("numeric"), source)


class Rolled:
    """What a strategy found: the problems that are done, and the records by table."""

    def __init__(self, strategy, problems, known=(), share=None, **script) -> None:
        verifiers = (("answer", {}), ("vote", {}))
        teacher, asking, judging = (
            ScriptedConfig(kind="scripted_here", **script),
            AskingConfig(in_flight=4),
            JudgingConfig(),
        )
        plan = RolloutPlan(teacher, strategy, verifiers, asking, judging, ("answer",))
        completions = {one.id: one for one in known}
        self.done: list[str] = []
        self.tables: dict[str, list] = {"completions": [], "traces": [], "verdicts": [], "decisions": []}
        for chunk in roll_here(plan, [Order(one, completions, share=share) for one in problems]):
            self.done += chunk.done
            for table, batch in chunk.tables.items():
                self.tables[table] += decode(table, batch)

    @property
    def completions(self):
        return self.tables["completions"]

    @property
    def traces(self):
        return sorted(self.tables["traces"], key=lambda trace: (trace.problem_id, trace.sample_index, trace.path))

    def outcome(self, trace, verifier="answer"):
        [verdict] = [one for one in self.tables["verdicts"] if one.trace_id == trace.id and one.verifier == verifier]
        return verdict.outcome


def config_of_build(folder, strategy: Mapping, count: int = 12, teacher: Mapping | None = None) -> dict:
    """The config of a build of `problem 1`, `problem 2` … from a file, whose answers are their numbers."""
    lines = [json.dumps({"question": f"problem {number}", "answer": str(number)}) for number in range(1, count + 1)]
    (folder / "problems.jsonl").write_text("\n".join(lines) + "\n")
    source = {
        "kind": "jsonl",
        "name": "numbers",
        "path": str(folder / "problems.jsonl"),
        "licence": "MIT",
        "domain": "a.b.c.d",
        "fields": {"prompt": "question", "answer": "answer"},
        "check": {"kind": "numeric"},
    }
    return {
        "name": "scripted",
        "seed": 3,
        "executor": {"kind": "local"},
        "sources": [source],
        "teacher": {"kind": "scripted", **(teacher or {})},
        "strategy": dict(strategy),
        "asking": {"in_flight": 3},
        "judging": {"workers": 1},
        "verify": {"require": ["answer"], "audit": 2, "leakage": None},
        "select": {"dedup": {"minhash": {"threshold": 1.0}}},
        "views": ["sft"],
    }


def build_place(folder, strategy: Mapping, **options) -> Workplace:
    place = Workplace(folder)
    place.config(config_of_build(folder, strategy, **options))
    return place
