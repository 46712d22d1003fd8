"""The keys of phases: what changed between two of them, and what of a build that exists may not change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracemill.records import canonical_json
from tracemill.running.build_config import BuildConfig
from tracemill.running.phases.ask_teachers import strategy_of
from tracemill.running.phases.phase import Build
from tracemill.settings.errors import UsageError


def refuse_changed(build: Build, phase: str, key: Mapping[str, Any], shrinks: frozenset[str] = frozenset()) -> None:
    """Compares with what is committed, or was before it was damaged, and with what an interrupted run began.

    `shrinks`: names of numbers that may also be lowered.

    Raises:
        UsageError: the key does more than add to those.
    """
    grows = _grows(build.config)
    for old in (_committed(build, phase), build.store.begun(phase)):
        changed = list(_not_added(phase, old, key, grows, shrinks)) if old else []
        if not changed:
            continue
        raise UsageError(
            f"{build.store.files.url} was built from other {phase}: {'; '.join(changed)}. "
            "Build into another --out, or take the change back; sources and samples may only be added to"
        )


def _committed(build: Build, phase: str) -> Mapping[str, Any] | None:
    """The key of what is committed, or was before it was damaged, or is published where nothing is here."""
    if build.latest is not None:
        return {**build.latest.forgotten, **build.latest.keys}.get(phase)
    return build.published.chain.newest.keys.get(phase) if build.published else None


def known_key(build: Build, phase: str) -> Mapping[str, Any] | None:
    """The key under which the phase was committed, or was begun."""
    return _committed(build, phase) or build.store.begun(phase)


def _grows(config: BuildConfig) -> frozenset[str]:
    """The names of numbers that may be raised in a guarded key."""
    return frozenset({"count", *strategy_of(config).grows})


def _not_added(where: str, old: Any, new: Any, grows: frozenset[str], shrinks: frozenset[str]) -> Iterator[str]:
    """Every place where `new` does not just add to `old`. Digests of inputs are compared by the phases themselves."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old):
            if key.startswith("_") or key == "inputs":
                continue
            if key not in new:
                yield f"{where}.{key} is gone"
            else:
                yield from _not_added(f"{where}.{key}", old[key], new[key], grows, shrinks)
        # Only parts of sources may be new; a new setting would change what is there.
        if not where.endswith(".parts"):
            yield from (f"{where}.{key} is new" for key in sorted(set(new) - set(old)))
    elif canonical_json(old) != canonical_json(new):
        name, numbers = where.rpartition(".")[2], isinstance(old, int) and isinstance(new, int)
        if not (numbers and name in (grows if new > old else shrinks)):
            yield f"{where} was {old!r} and is {new!r}"


def difference_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What is not the same, with what it is of: `parts (logic.puzzle.knights_knaves)`."""
    said = []
    for name in differing(old, new):
        before, now = old.get(name), new.get(name)
        within = differing(before, now) if isinstance(before, Mapping) and isinstance(now, Mapping) else []
        said.append(f"{name} ({', '.join(within)})" if within else name)
    return ", ".join(said)


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The parts of a phase's key that are not the same."""
    names = sorted(name for name in set(old) | set(new) if not name.startswith("_"))
    return [name for name in names if canonical_json(old.get(name)) != canonical_json(new.get(name))]
