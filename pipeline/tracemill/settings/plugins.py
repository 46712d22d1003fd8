"""Names to classes: a table of strings, so that only what a config names is imported.

Every kind can also come from other distributions, through an entry-point group such as `tracemill.tasks`.
"""

from __future__ import annotations

import fnmatch
import traceback
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from tracemill import __version__
from tracemill.settings.errors import UsageError, unknown

TABLE: dict[str, dict[str, str]] = {
    "task": {
        "math.algebra.linear_system": "tracemill.tasks.linear_system.task:LinearSystem",
        "logic.puzzle.knights_knaves": "tracemill.tasks.knights_knaves.task:KnightsKnaves",
        "code.execution.library": "tracemill.tasks.library.task:Library",
        "code.execution.input": "tracemill.tasks.library.input_task:LibraryInput",
        "code.execution.fault": "tracemill.tasks.library.fault_task:LibraryFault",
        "code.execution.trace": "tracemill.tasks.library.trace_task:LibraryTrace",
        "code.execution.property": "tracemill.tasks.library.property_task:LibraryProperty",
        "code.repository.repair": "tracemill.tasks.repair.task:Repair",
        "biology.genetics.crosses": "tracemill.tasks.crosses.task:Crosses",
        "planning.classical.blocks_world": "tracemill.tasks.blocks_world.task:BlocksWorld",
        "logic.metamath.proof": "tracemill.tasks.metamath.proof_task:MetamathProof",
        "logic.metamath.missing_step": "tracemill.tasks.metamath.missing_step_task:MetamathMissingStep",
        "logic.metamath.wrong_step": "tracemill.tasks.metamath.wrong_step_task:MetamathWrongStep",
        "logic.metamath.lemma": "tracemill.tasks.metamath.lemma_task:MetamathLemma",
        "linguistics.morphology.invented_language": "tracemill.tasks.invented_language.task:InventedLanguage",
        "math.arithmetic.word_problem": "tracemill.tasks.word_problem.task:WordProblem",
    },
    "source": {
        "domains": "tracemill.sources.domains:DomainsSource",
        "jsonl": "tracemill.sources.jsonl:JsonlSource",
        "parquet": "tracemill.sources.parquet_source:ParquetSource",
        "hub": "tracemill.sources.hub_source:HubSource",
        "code": "tracemill.sources.code.code_source:CodeSource",
    },
    "teacher": {
        "symbolic": "tracemill.asking.teachers.symbolic:SymbolicTeacher",
        "replay": "tracemill.asking.teachers.replay:ReplayTeacher",
        "openai": "tracemill.asking.teachers.openai.openai_teacher:OpenAITeacher",
        "vllm": "tracemill.asking.teachers.vllm.vllm_teacher:VllmTeacher",
    },
    "strategy": {
        "single": "tracemill.asking.strategies.single:Single",
        "agent": "tracemill.asking.strategies.agent:Agent",
        "best_of_n": "tracemill.asking.strategies.best_of_n:BestOfN",
        "majority": "tracemill.asking.strategies.majority:Majority",
        "adaptive": "tracemill.asking.strategies.adaptive:Adaptive",
        "refine": "tracemill.asking.strategies.refine:Refine",
        "search": "tracemill.asking.strategies.step_search:StepSearch",
        "retell": "tracemill.asking.strategies.retell:Retell",
    },
    "verifier": {
        "answer": "tracemill.verifiers.answer.verifier:AnswerVerifier",
        "code": "tracemill.verifiers.code.verifier:CodeVerifier",
        "steps": "tracemill.verifiers.steps:StepsVerifier",
        "vote": "tracemill.verifiers.vote:VoteVerifier",
    },
    "claim": {
        "equation": "tracemill.claims.equation.checker:EquationChecker",
        "entailment": "tracemill.claims.entailment.checker:EntailmentChecker",
        "execution": "tracemill.claims.execution.checker:ExecutionChecker",
        "repository": "tracemill.claims.repository.checker:RepositoryChecker",
        "state": "tracemill.claims.state.checker:StateChecker",
        "enumeration": "tracemill.claims.enumeration.checker:EnumerationChecker",
        "metamath": "tracemill.claims.metamath.checker:MetamathChecker",
    },
    "executor": {
        "local": "tracemill.running.executors.in_process:LocalExecutor",
        "ray": "tracemill.running.executors.on_ray:RayExecutor",
    },
    "view": {
        "sft": "tracemill.views.sft:VIEW",
        "process": "tracemill.views.process:VIEW",
        "rlvr": "tracemill.views.rlvr:VIEW",
        "tools": "tracemill.views.tools:VIEW",
        "budget": "tracemill.views.budget:VIEW",
    },
}

ENTRY_POINTS = {
    thing: f"tracemill.{plural}"
    for thing, plural in (
        ("task", "tasks"),
        ("claim", "claims"),
        ("verifier", "verifiers"),
        ("teacher", "teachers"),
        ("strategy", "strategies"),
        ("source", "sources"),
        ("view", "views"),
    )
}
"""The entry-point group in which another distribution names plugins of each kind."""

_SHARED = {group.partition(".")[2] for group in ENTRY_POINTS.values()}


@cache
def installed(thing: str) -> dict[str, str]:
    """Every name of a kind of plugin with the `module:attribute` it stands for.

    Raises:
        UsageError: two packages give a plugin of one name.
    """
    points = _entry_points(thing)
    for name in sorted({point.name for point in points}):
        places = {point.value: _package(point) for point in points if point.name == name}
        if name in TABLE[thing]:
            places[TABLE[thing][name]] = OURS
        if len(places) > 1:
            packages = " and ".join(sorted(places.values()))
            raise UsageError(f"{thing} {name!r} is in two packages, {packages}; uninstall one of them")
    return {point.name: point.value for point in points} | TABLE[thing]


OURS = f"tracemill {__version__}"


def distribution_of(thing: str, name: str) -> str:
    """The package that a plugin comes from, with its version: `foo-tracemill 1.0`."""
    return next((_package(point) for point in _entry_points(thing) if point.name == name), OURS)


def module_of(thing: str, name: str) -> str:
    """The module of a plugin; empty where there is no such plugin."""
    return installed(thing).get(name, "").partition(":")[0] if thing in TABLE else ""


def plugin_of(module: str) -> tuple[str, str] | None:
    """The plugin (kind, name) whose code a module is: its own module, or one in a folder that holds it alone."""
    while module and module not in _owners():
        module = module.rpartition(".")[0]
    return _owners().get(module)


def _owners() -> dict[str, tuple[str, str]]:
    """By module or folder, the one plugin that it belongs to."""
    found: dict[str, set[tuple[str, str]]] = {}
    for thing in ENTRY_POINTS:
        for name, place in installed(thing).items():
            module = place.partition(":")[0]
            folder = module.rpartition(".")[0]
            found.setdefault(module, set()).add((thing, name))
            # A folder `verifiers` or `strategies` also holds what plugins share.
            if folder and folder.rpartition(".")[2] not in _SHARED:
                found.setdefault(folder, set()).add((thing, name))
    return {owner: next(iter(plugins)) for owner, plugins in found.items() if len(plugins) == 1}


def _entry_points(thing: str) -> list[EntryPoint]:
    group = ENTRY_POINTS.get(thing)
    return list(entry_points(group=group)) if group else []


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "a package without metadata"


def load(thing: str, name: str) -> Any:
    """The class or function behind a name.

    Raises:
        UsageError: no such name, what it needs is not installed, or its module fails when it is imported.
    """
    table = installed(thing)
    if name not in table:
        raise unknown(thing, name, table)
    module, _, attribute = table[name].partition(":")
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as exc:
        raise UsageError(f"{thing} {name!r} needs the module {exc.name!r}; install it, or leave {name!r} out") from exc
    except (Exception, SystemExit) as exc:
        raise UsageError(
            f"{thing} {name!r} (package {distribution_of(thing, name)}) cannot be imported: {type(exc).__name__}: "
            f"{exc} in {_last_place(exc)}; correct or uninstall the package, or leave {name!r} out"
        ) from exc
    if not hasattr(loaded, attribute):
        raise UsageError(f"{thing} {name!r} is not at {table[name]!r}; correct the entry point that says so")
    return getattr(loaded, attribute)


def config_model(thing: str, name: str) -> Any:
    """The pydantic model of a plugin's block in a config.

    Raises:
        UsageError: as for `load`; or the plugin has none, as what is no view, verifier, teacher … at all.
    """
    model = getattr(load(thing, name), "Config", None)
    if not isinstance(model, type) or not hasattr(model, "model_validate"):
        raise UsageError(
            f"{thing} {name!r} (package {distribution_of(thing, name)}) has no pydantic model `Config`, so that it is "
            f"no {thing}; correct the package, or leave {name!r} out"
        )
    return model


def _last_place(exc: BaseException) -> str:
    if isinstance(exc, SyntaxError):
        return f"{exc.filename}:{exc.lineno}"
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"


def matching(thing: str, patterns: Iterable[str]) -> list[str]:
    """The names that match any of the shell patterns, sorted; `math.*` matches every task of mathematics.

    Raises:
        UsageError: a pattern that matches nothing.
    """
    table = installed(thing)
    names: set[str] = set()
    for pattern in patterns:
        hits = fnmatch.filter(table, pattern)
        if not hits:
            raise unknown(thing, pattern, table, "a pattern such as 'math.*' also works")
        names.update(hits)
    return sorted(names)
