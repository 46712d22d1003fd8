"""`code.execution.input`: with which first argument does a call give this?"""

from __future__ import annotations

from typing import ClassVar

from tracemill.claims.execution.holes import first_argument, with_hole
from tracemill.claims.execution.listed_calls import find
from tracemill.records import Check, Problem, canonical_json
from tracemill.settings.errors import TracemillError
from tracemill.tasks.kit.teller import Ref, Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.library.call_task import CallQuestion, CallTask, code_block, shown_code, words_of
from tracemill.tasks.library.pool import Entry, entry_of
from tracemill.tasks.library.shown_values import spoken
from tracemill.tasks.library.trying import Execution, execution, in_turn, tell


class LibraryInput(CallTask):
    """Any argument that gives the result is right; it is run. `instance["arguments"]`: those that are tried."""

    name: ClassVar[str] = "code.execution.input"
    summary: ClassVar[str] = "with which argument a call of a real library function gives a value"
    words: ClassVar[Words] = words_of("input")
    asked: ClassVar[str] = "i"
    tellings: ClassVar[int] = 15
    """A wrong solution tries as many arguments as a right one: the order decides."""

    def ask(self, entry: Entry, theme: Voice, voice: Voice) -> CallQuestion:
        call = find(entry.names)
        tried = entry.asks["input"]["tried"]
        calls = [entry.names, *(one["names"] for one in tried)]
        arguments = [_argument(names) for names in calls]
        question = voice("ask_input", value=spoken({"value": entry.answer}))
        needs = [one["needs"] for one in tried]
        shown = [
            *shown_code(entry, theme, needs=needs),
            question,
            code_block(with_hole(call, "…")),
            voice("ending_input"),
        ]
        check = Check("argument", {"call": dict(entry.names), "wanted": entry.answer})
        return CallQuestion("\n\n".join(shown), arguments[0], check, calls, {"arguments": arguments})

    def tell(self, problem: Problem, teller: Teller) -> None:
        arguments, wanted = problem.metadata["instance"]["arguments"], problem.check.spec["wanted"]
        entry = entry_of(canonical_json(problem.metadata["instance"]["call"]))
        runs = [_execution(entry, place) for place in range(len(arguments))]
        if runs[0].value != wanted:
            raise TracemillError(f"the call gives {runs[0].value}, but the problem asks for {wanted}")
        before: Ref = ()
        for place, result in in_turn(runs, wanted, "taken_for_wanted", teller):
            teller.lead("next_argument" if before else "first_argument", argument=spoken({"value": arguments[place]}))
            before = tell(teller, runs[place], result, before)
        teller.close("close", arguments[place])


def _execution(entry: Entry, place: int) -> Execution:
    """That of the call, or of one that is tried beside it."""
    if place == 0:
        return execution(entry.source, entry.expression, entry.trace, place)
    tried = entry.asks["input"]["tried"][place - 1]
    return execution(entry.source, tried["expression"], tried["trace"], place)


def _argument(names: dict[str, object]) -> str:
    argument = first_argument(find(names))
    assert argument is not None  # as the harvest saw
    return argument
