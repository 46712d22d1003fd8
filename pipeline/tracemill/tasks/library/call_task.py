"""What the tasks about calls of real functions share: which calls they ask about, and how code stands in a prompt."""

from __future__ import annotations

import ast
import json
from abc import abstractmethod
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from tracemill.claims.execution.packages import (
    CATALOGUE,
    PACKAGES,
    STDLIB,
    licence,
    notice,
    provenance,
    usable,
    version,
)
from tracemill.records import Check, Claim, Payload, fingerprint
from tracemill.records.licences import Notice
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.words import Bank, Voice, Words, read_words
from tracemill.tasks.library.events import statements, truths
from tracemill.tasks.library.pool import Entry, entry_at, entry_of, members
from tracemill.tasks.library.rechecks import Rechecks
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request


class CallQuestion(NamedTuple):
    """A question about a call. `calls`: the names of the calls that its solutions are about, the first its own."""

    prompt: str
    answer: str
    check: Check
    calls: Sequence[Payload]
    instance: Payload = MappingProxyType({})


class CallTask(NarratedTask):
    """Asks about calls of real functions, those of which `asked` (the first letter in `asks`) can be asked.

    A function is in one group in all of these tasks.
    """

    version: ClassVar[str] = f"6+{fingerprint(provenance(), CATALOGUE)}"
    """What the packages hold is part of what the problems are: under other ones a build is not continued."""
    asked: ClassVar[str] = ""
    leakage_problems: ClassVar[int] = 100
    """Each dozen of problems is of another module, which has to be harvested first."""

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.library.oracle import LibraryOracle

        return LibraryOracle

    @abstractmethod
    def ask(self, entry: Entry, theme: Voice, voice: Voice) -> CallQuestion:
        """The question about a call, with the theme's words and the task's own."""

    def notices(self) -> Sequence[Notice]:
        return [_notice(package) for package in usable(PACKAGES)]

    def capacity(self, band: tuple[float, float]) -> int | None:
        return len(members(band, self.asked))

    def make(self, request: Request) -> Draft | None:
        """See `Task.make`.

        Raises:
            RuntimeError: the installed version of a package does not have that call.
        """
        fitting = members(request.band, self.asked)
        if request.index >= len(fitting):
            return None
        slot = fitting[request.index]
        entry = entry_at(slot)
        if entry is None or not set(self.asked) <= {ask[0] for ask in entry.asks}:
            raise RuntimeError(f"{slot.module} of {slot.package} {version(slot.package)} has no such call")
        theme = Voice(self.words.theme(request.theme), request.rng)
        asked = self.ask(entry, theme, Voice(self.words.phrases, request.rng))
        names = entry.names
        return Draft(
            prompt=asked.prompt,
            answer=asked.answer,
            check=asked.check,
            premises=tuple(Claim("call", call) for call in asked.calls),
            group=f"{names['module']}:{names['qualname']}",
            instance={"call": dict(names), **asked.instance},
            difficulty=slot.difficulty,
            licence=entry.licence,
            tags=(_tag(names["package"]),),
            family="code.execution",
        )


@cache
def words_of(name: str) -> Words:
    """The words of one of these tasks, `NAME.yaml`, with those that all share, `words.yaml`."""
    own, shared = (read_words(Path(__file__).with_name(f"{one}.yaml")) for one in (name, "words"))
    phrases = Bank(own.phrases.where, {**shared.phrases.entries, **own.phrases.entries})
    return Words(own.path, shared.themes, phrases, own.misconceptions or shared.misconceptions)


def _tag(package: str) -> str:
    return f"{package}=={version(package)}"


def _notice(package: str) -> Notice:
    name = f"{'Python' if package == STDLIB else package} {version(package)}"
    text, terms = notice(package), licence(package)
    assert text and terms  # others are not usable
    changes = "Functions are shown alone, without docstrings and blank lines; where a problem says so, with a fault."
    return Notice(name, _tag(package), terms, text, changes)


def code_block(text: str) -> str:
    return f"```python\n{text}\n```"


def shown_code(entry: Entry, voice: Voice, source: str = "", needs: Sequence[Payload] = ()) -> list[str]:
    """The paragraphs that show the function, or `source` in its place, with all that a reader needs; also of what other
    calls need, where they are asked about."""
    names = entry.names
    owner, _, short = names["qualname"].rpartition(".")
    kind = f"the method `{short}` of `{owner}`" if owner else f"the function `{short}`"
    package = "Python" if names["package"] == STDLIB else names["package"]
    what = f"{kind} in `{names['module']}` ({package} {entry.version})"
    lines, sources, notes = entry.context.split("\n") if entry.context else [], [*entry.helpers], [*entry.notes]
    for one in needs:
        lines, sources, notes = lines + one["context"], sources + one["helpers"], notes + one["notes"]
    text, beside = "\n".join(dict.fromkeys(lines)), "\n\n".join(dict.fromkeys(sources))
    context = [voice("context"), code_block(text)] if text else []
    helpers = [voice("helpers"), code_block(beside)] if beside else []
    setup = [voice("setup"), code_block(entry.setup)] if entry.setup else []
    opening = voice("opening", what=what)
    return [opening, code_block(source or entry.source), *context, *helpers, *dict.fromkeys(notes), *setup]


@lru_cache(maxsize=16)
def definition_of(source: str) -> ast.FunctionDef:
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    return definition


@lru_cache(maxsize=16)
def traced(names: str) -> dict[str, Any]:
    """The execution of the call that the JSON text names. Kept for a while: one problem has several solutions."""
    entry = entry_of(names)
    return {"source": entry.source, "expression": entry.expression, **json.loads(entry.trace)}


@lru_cache(maxsize=16)
def rechecks_of(names: str) -> Rechecks:
    true = traced(names)
    return Rechecks(true["source"], statements(definition_of(true["source"])), truths(true["events"], true["result"]))
