"""What a function calls beneath its own lines: what of it a reader knows, and the source of the rest.

A reader can follow a call only if all that it calls is built in (Python's operators, functions and public standard
library), known (`known.yaml`), or shown: short, and itself calling nothing else. Found from one execution.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracemill.claims.execution.calls import Function, NotFoundError, source_of
from tracemill.tasks.library.known import is_known_standard, is_standard, note_of, passes_on
from tracemill.tasks.library.tracing import Site

MAX_LINES = 20
"""Of one helper."""
MAX_ALL_LINES = 50
_LOCAL = ".<locals>."


@dataclass(slots=True)
class Helpers:
    """`sources`: of the helpers that have to be shown, in order of their names. `notes`: on what is known."""

    sources: dict[Site, str] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name.rpartition(".")[2] for _, name in self.sources)


def helpers_of(function: Function, calls: Iterable[tuple[Site, Site]]) -> Helpers | None:
    """What an execution with these calls needs beside the function's source; None if it cannot all be shown."""
    beneath: dict[Site, set[Site]] = defaultdict(set)
    for caller, callee in sorted(calls):
        beneath[_outermost(caller)].add(_outermost(callee))
    found = Helpers()
    own = (function.module, function.qualname)
    waiting, seen, common = [own], {own}, set[Site]()
    while waiting:
        caller = waiting.pop()
        for site in sorted(beneath[caller] - seen):
            seen.add(site)
            if passes_on(site) or _is_common(site) or (is_standard(site[0]) and caller in common):
                # The standard library calls what it was given, such as a generator: that is followed too.
                common.add(site)
                waiting.append(site)
                continue
            note = note_of(site)
            if note is None:
                source = _short_source(site) if _is_ours(site[0], function.module) else None
                if source is None:
                    return None
                found.sources[site] = source
                waiting.append(site)
            elif note:
                found.notes[note] = None
    lines = sum(len(source.splitlines()) for source in found.sources.values())
    return found if lines <= MAX_ALL_LINES else None


def _is_ours(module: str, asked: str) -> bool:
    """Whether a module may be shown beside another: of the same package, or of Python, whose licences are known."""
    return module.partition(".")[0] == asked.partition(".")[0] or is_standard(module)


def _outermost(site: Site) -> Site:
    """The function in whose source a lambda, a comprehension or a nested function stands."""
    module, name = site
    return module, name.partition(_LOCAL)[0]


def _short_source(site: Site) -> str | None:
    if site[0] not in sys.modules:
        return None  # made at run time
    try:
        source = source_of(*site)
    except NotFoundError:
        return None
    return source if source and len(source.splitlines()) <= MAX_LINES else None


def _is_common(site: Site) -> bool:
    """Whether it is public and of a well-known module of the standard library."""
    private = any(part.startswith("_") and not part.endswith("__") for part in site[1].split("."))
    return is_known_standard(site[0]) and not private
