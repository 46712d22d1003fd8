"""A small repository with a fault, and a user's report of it; solved by a conversation with tools.

The fault is one changed line from the catalogue (`cataloguing.py`), which some of the package's tests see. Of its cases
about half stand in the repository's own tests; all of them are the hidden tests. The report names a call and what it
gives, and never a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any, ClassVar

from tracemill.records import Check, Claim, Flaw, Payload, Problem, fingerprint
from tracemill.records.licences import Notice
from tracemill.software.git_objects import head_of
from tracemill.software.line_changes import LineChange, repair_text
from tracemill.software.repository_tools import TOOLS
from tracemill.tasks.kit.words import Voice, Words, words_beside
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.repair.cataloguing import SeededFault, catalogue, changed
from tracemill.tasks.repair.sample_packages import SampleCase, SamplePackage, sample_package
from tracemill.tasks.repair.telling import Believed, Conversation, RepairEdit, right_edit, tell
from tracemill.tasks.repair.wrong_repairs import WrongRepair, wrong_repairs
from tracemill.tasks.task import Detail, Draft, Misconception, Request, Solution

SYSTEM = """You maintain a small Python package. A user reports that something is wrong. Find the fault in the \
repository with the tools, repair it in the package's own code, and run the tests. Other tests that you do not see \
decide whether it is repaired.

End with a short summary, and a last line of the form `Answer: path:line: the line as it is now`."""
_SHOWN = 0.55
"""The share of a module's cases that its visible tests have."""
_MORE = 0.45
"""Below this difficulty a report has a second example."""
_OTHERS = 3
_LONGEST_CALL = 160


class Repair:
    """See `Task`: where is the fault, and how is it repaired?"""

    name: ClassVar[str] = "code.repository.repair"
    version: ClassVar[str] = "1"
    summary: ClassVar[str] = "a fault in a small repository, found and repaired with tools"
    licence: ClassVar[str] = "Apache-2.0"
    language: ClassVar[str] = "en"
    calls_tools: ClassVar[bool] = True
    leakage_problems: ClassVar[int] = 0
    """No view labels the steps of conversations. What tools give says by itself that a repair is none: a run of tests
    that fail is longer than one of tests that pass."""
    words: ClassVar[Words] = words_beside(__file__)

    def missing(self) -> str | None:
        return None

    def notices(self) -> Sequence[Notice]:
        return ()

    @property
    def wording(self) -> str:
        """See `task_versions`: the packages and the catalogue are words of the problems, too."""
        packages = [sample_package(theme).digest for theme in self.themes]
        return fingerprint(self.words.digest, packages, [one.id for one in catalogue()])

    @property
    def themes(self) -> tuple[str, ...]:
        return tuple(self.words.themes)

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        return self.words.misconceptions

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.repair.oracle import RepairOracle

        return RepairOracle

    def capacity(self, band: tuple[float, float]) -> int | None:
        return len(self.themes) * min(len(_members(theme, band)) for theme in self.themes)

    def make(self, request: Request) -> Draft | None:
        members = _members(request.theme, request.band)
        place = request.index // len(self.themes)
        if place >= len(members):
            return None
        return self._draft(members[place], request.rng, request.theme)

    def solve(self, problem: Problem, rng: Random, detail: Detail = "normal") -> Solution:
        report = problem.metadata["instance"]["report"]
        also = None if detail == "terse" else _another(problem, rng)
        return self._told(problem, rng, detail, [right_edit(problem)], Believed(report["want"], also))

    def err(
        self, problem: Problem, misconceptions: Sequence[str], rng: Random, detail: Detail = "normal"
    ) -> Solution | None:
        for misconception in misconceptions:
            for wrong in wrong_repairs(problem, misconception, rng):
                believed = wrong.believed
                if wrong.false == "now" and detail != "terse":
                    believed = replace(believed, also=_another(problem, rng))
                told = self._told(problem, rng, detail, [wrong.edit], believed)
                return replace(told, flaw=self._flaw(told, misconception, wrong))
        return None

    def correct(
        self, problem: Problem, misconceptions: Sequence[str], rng: Random, detail: Detail = "normal"
    ) -> Solution | None:
        """See `Task`: a line is changed in which the fault is not, and the tests show it. Who does not read the tests,
        or fits the code to them, notices nothing."""
        if "edited_elsewhere" not in misconceptions:
            return None
        for wrong in wrong_repairs(problem, "edited_elsewhere", rng):
            believed = replace(wrong.believed, passed=None)
            told = self._told(problem, rng, detail, [wrong.edit, right_edit(problem)], believed)
            return replace(told, flaw=self._flaw(told, "edited_elsewhere", wrong), relation="self_correction")
        return None

    def _told(
        self, problem: Problem, rng: Random, detail: Detail, edits: Sequence[RepairEdit], believed: Believed
    ) -> Solution:
        drawn = Random(rng.getrandbits(64))
        talk = Conversation(problem, Voice(self.words.phrases, drawn), detail, drawn)
        closing = tell(talk, edits, believed)
        return Solution(tuple(talk.lines), closing, detail=detail, calls=tuple(talk.calls))

    def _flaw(self, told: Solution, misconception: str, wrong: WrongRepair) -> Flaw:
        """The first of the lines after the edit that says what is not so."""
        edits = [at for at, call in told.calls if call.name == "edit_file"]
        about = [at for at in range(edits[0] + 1, len(told.lines)) if _is_about_value(told, at)]
        passed = [at for at in range(edits[0] + 1, len(told.lines)) if _says_passed(told, at)]
        index = {"now": about[:1], "also": about[1:2], "passed": passed}[wrong.false][0]
        general = next(one.explanation for one in self.misconceptions if one.name == misconception)
        return Flaw(index, misconception, general)

    def _draft(self, fault: SeededFault, rng: Random, theme: str) -> Draft:
        package = sample_package(theme)
        failing = {(module, number): came for module, number, came in fault.fails}
        shown = _split(package, failing, rng)
        reported, others = _reported(package, fault, failing, shown, rng)
        source = package.module(fault.module).source
        path = package.path(fault.module)
        right = source.split("\n")[fault.number - 1]
        faulty = {path: changed(source, LineChange(fault.number, fault.line))}
        commits = package.commits(faulty, {name: [case for _, case in some] for name, some in shown.items()})
        visible = [(name, number) for name, some in shown.items() for number, _ in some]
        instance: dict[str, Any] = {
            "theme": theme,
            "path": path,
            "module": f"{package.name}.{fault.module}",
            "function": fault.function,
            "number": fault.number,
            "right": right,
            "report": {**_case_as(package, *reported), "got": failing[reported]},
            "others": [_case_as(package, *one) for one in others],
            "visible": [_case_as(package, *one) for one in sorted(failing) if one in visible],
            "commit": head_of(commits),
        }
        hidden = {f"tests/test_{one.name}.py": package.test_file(one.name, one.cases) for one in package.modules}
        limits = {"cpu_seconds": 2.0, "memory_mb": 256}
        return Draft(
            prompt=self._prompt(package, fault, instance, failing, others, rng),
            answer=repair_text(path, LineChange(fault.number, right)),
            check=Check("code", {"mode": "repository", "tests": hidden, "limits": limits}),
            premises=(Claim("repository", {"commits": commits}),),
            group=fault.id,
            instance=instance,
            difficulty=_difficulty(fault),
            system=SYSTEM,
            tags=(f"package={package.name}", f"fault={fault.kind}"),
            tools=TOOLS,
        )

    def _prompt(
        self,
        package: SamplePackage,
        fault: SeededFault,
        instance: Payload,
        failing: dict[tuple[str, int], str],
        others: Sequence[tuple[str, int]],
        rng: Random,
    ) -> str:
        voice, theme = Voice(self.words.phrases, rng), Voice(self.words.theme(instance["theme"]), rng)

        def said(key: str, case: Payload, came: str) -> str:
            words = {"call": case["call"], "module": case["module"], "place": theme("places")}
            return voice(key, **words, got=_in_words(voice, "got", came), want=_in_words(voice, "want", case["want"]))

        report = instance["report"]
        parts = [theme("openings", package=package.name, about=package.about), said("report", report, report["got"])]
        if _difficulty(fault) < _MORE and others:
            parts.append(said("report_more", _case_as(package, *others[0]), failing[others[0]]))
        return " ".join([*parts, voice("request")])


def _in_words(voice: Voice, key: str, value: str) -> str:
    name = value.removeprefix("raises ")
    return voice(key if name == value else f"{key}_raise", value=name)


@cache
def _members(theme: str, band: tuple[float, float]) -> tuple[SeededFault, ...]:
    """The faults of a theme within a band of difficulty, in an order that mixes modules and kinds."""
    found = [one for one in catalogue() if one.theme == theme and band[0] <= _difficulty(one) <= band[1]]
    return tuple(sorted(found, key=lambda one: one.id))


def _difficulty(fault: SeededFault) -> float:
    """Few failing cases, and such that call the fault from another module, make it harder to find."""
    far = sum(module != fault.module for module, _, _ in fault.fails) / len(fault.fails)
    few = 1 - min(len(fault.fails), 12) / 12
    jitter = int(fault.id[:6], 16) / 16**6
    return round(0.1 + 0.35 * far + 0.35 * few + 0.2 * jitter, 4)


def _split(
    package: SamplePackage, failing: dict[tuple[str, int], str], rng: Random
) -> dict[str, list[tuple[int, SampleCase]]]:
    """By module, the cases that the visible tests have: a part of them, with one that fails and without another."""
    kept = {
        (module.name, number)
        for module in package.modules
        for number in range(len(module.cases))
        if rng.random() < _SHOWN
    }
    keys = sorted(failing)
    rng.shuffle(keys)
    # The report is about one that is not seen, if it can be; so at least two stay out where there are three.
    for place, key in enumerate(keys):
        wanted = place == 0 or (key in kept and place >= min(3, len(keys)))
        kept = kept | {key} if wanted else kept - {key}
    return {
        one.name: [(number, case) for number, case in enumerate(one.cases) if (one.name, number) in kept]
        for one in package.modules
    }


def _reported(
    package: SamplePackage,
    fault: SeededFault,
    failing: dict[tuple[str, int], str],
    shown: dict[str, list[tuple[int, SampleCase]]],
    rng: Random,
) -> tuple[tuple[str, int], list[tuple[str, int]]]:
    """The case that the user reports: one that no visible test has, of another module than the fault if there is one;
    and others that are not seen."""
    visible = {(name, number) for name, some in shown.items() for number, _ in some}
    unseen = [key for key in sorted(failing) if key not in visible]
    rng.shuffle(unseen)
    unseen.sort(
        key=lambda key: (len(package.module(key[0]).cases[key[1]].call) > _LONGEST_CALL, key[0] == fault.module)
    )
    return unseen[0], unseen[1 : 1 + _OTHERS]


def _case_as(package: SamplePackage, module: str, number: int) -> dict[str, Any]:
    case = package.module(module).cases[number]
    return {"module": f"{package.name}.{module}", "call": case.call, "want": case.shown}


def _another(problem: Problem, rng: Random) -> tuple[str, str, str] | None:
    """Another call that was wrong and is right after the repair."""
    others = problem.metadata["instance"]["others"]
    if not others:
        return None
    one = rng.choice(others)
    return one["module"], one["call"], one["want"]


def _is_about_value(told: Solution, at: int) -> bool:
    claim = told.lines[at].claim
    return claim is not None and "expression" in claim.payload


def _says_passed(told: Solution, at: int) -> bool:
    claim = told.lines[at].claim
    return claim is not None and "lacks" in claim.payload
