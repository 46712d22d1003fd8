"""`code.execution.trace`: the execution of a call line by line, with the values before and after each line."""

from __future__ import annotations

from typing import ClassVar

from tracemill.records import Check
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.library.call_task import CallQuestion, code_block, shown_code, words_of
from tracemill.tasks.library.line_telling import LineTelling
from tracemill.tasks.library.pool import Entry
from tracemill.tasks.library.task import Library
from tracemill.tasks.library.telling import Telling


class LibraryTrace(Library):
    """The calls and the mistakes of `code.execution.library`, told as a trace."""

    name: ClassVar[str] = "code.execution.trace"
    summary: ClassVar[str] = (
        "the trace of a call of a real library function: each line with the values before and after"
    )
    words: ClassVar[Words] = words_of("trace")
    telling: ClassVar[type[Telling] | type[LineTelling]] = LineTelling

    def ask(self, entry: Entry, theme: Voice, voice: Voice) -> CallQuestion:
        asked = [voice("ask_trace"), code_block(entry.expression), voice("ending_trace")]
        check = Check("exact", {"literal": entry.literal})
        return CallQuestion("\n\n".join([*shown_code(entry, theme), *asked]), entry.answer, check, (entry.names,))
