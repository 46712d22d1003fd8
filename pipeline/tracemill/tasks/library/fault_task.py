"""`code.execution.fault`: in which line of a changed function is the fault, and what should stand there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from tracemill.claims.execution.listed_calls import find
from tracemill.claims.execution.variants import changed, changes
from tracemill.records import Check, Problem, canonical_json
from tracemill.tasks.kit.teller import Ref, Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.library.call_task import CallQuestion, CallTask, code_block, shown_code, words_of
from tracemill.tasks.library.pool import Entry, entry_of
from tracemill.tasks.library.shown_values import spoken
from tracemill.tasks.library.trying import Execution, execution, in_turn, tell


class _Repair(NamedTuple):
    """A line, what would stand there, and what the call would do then."""

    line: int
    code: str
    run: Execution


class LibraryFault(CallTask):
    """A repair is right if the function then does what it did on all inputs that are tried; it is run."""

    name: ClassVar[str] = "code.execution.fault"
    summary: ClassVar[str] = "which line of a changed library function is wrong, and its repair"
    words: ClassVar[Words] = words_of("fault")
    asked: ClassVar[str] = "f"
    tellings: ClassVar[int] = 15
    """A wrong solution tries as many repairs as a right one: the order decides."""

    def ask(self, entry: Entry, theme: Voice, voice: Voice) -> CallQuestion:
        fault = entry.asks["fault"]
        broken = changed(find(entry.names), [fault["change"]])
        others = [changed(find(entry.names), [fault["change"], one["change"]]) for one in fault["repairs"]]
        line = changes(entry.source)[fault["change"]].line
        right = entry.source.split("\n")[line - 1].strip()
        told = [voice("meant", summary=entry.summary)] if entry.summary else []
        wrong, good = spoken({"value": fault["answer"]}), spoken({"value": entry.answer})
        shown = [
            *shown_code(entry, theme, broken.function.source),
            *told,
            voice("ask_fault"),
            code_block(entry.expression),
            voice("gives_instead", wrong=wrong, good=good),
            voice("ending_fault"),
        ]
        spec = {"call": dict(entry.names), "change": fault["change"], "tests": fault["tests"]}
        calls = [entry.names, broken.names, *(other.names for other in others)]
        return CallQuestion("\n\n".join(shown), f"line {line}: {right}", Check("repair", spec), calls)

    def tell(self, problem: Problem, teller: Teller) -> None:
        entry = entry_of(canonical_json(problem.metadata["instance"]["call"]))
        fault = entry.asks["fault"]
        broken = changed(find(entry.names), [fault["change"]]).function.source
        failing = execution(broken, entry.expression, fault["trace"], 1)
        teller.lead("as_it_is")
        before: Ref = tell(teller, failing, failing.result, ())
        repairs = list(_repairs(entry, fault))
        tried = in_turn([repair.run for repair in repairs], entry.answer, "taken_for_mended", teller)
        for number, (at, result) in enumerate(tried):
            repair = repairs[at]
            slots = {"line": repair.line, "code": f"`{repair.code}`", "good": spoken({"value": entry.answer})}
            teller.lead("next_repair" if number else "first_repair", **slots)
            before = tell(teller, repair.run, result, before)
        teller.close("close", f"line {repair.line}: {repair.code}")


def _repairs(entry: Entry, fault: Mapping[str, Any]) -> Iterator[_Repair]:
    """The right one, and those that do not mend it."""
    every = changes(entry.source)
    line = every[fault["change"]].line
    yield _Repair(line, _row(entry.source, line), execution(entry.source, entry.expression, entry.trace, 0))
    for place, other in enumerate(fault["repairs"], start=2):
        line = every[other["change"]].line
        source = changed(find(entry.names), [fault["change"], other["change"]]).function.source
        yield _Repair(line, _row(source, line), execution(source, entry.expression, other["trace"], place))


def _row(source: str, line: int) -> str:
    return source.split("\n")[line - 1].strip()
