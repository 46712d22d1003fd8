"""A build: the phases in order, their keys, what is done and what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tracemill.curriculum.assign import refuse_unknown_domains, upper_bound
from tracemill.curriculum.curriculum_config import Curriculum, read_curriculum
from tracemill.publishing import all_figures, card
from tracemill.publishing.hub.published_builds import LINEAGE, PLACE
from tracemill.publishing.hub.published_repository import PublishedRepository
from tracemill.publishing.manifest_content import manifest_of
from tracemill.publishing.notices import notice_files
from tracemill.publishing.report.page import page
from tracemill.records import canonical_json
from tracemill.running.build_config import BuildConfig
from tracemill.running.earlier_builds import EarlierBuild, earlier_build
from tracemill.running.metrics import BuildMetrics
from tracemill.running.phase_keys import difference_of, differing, known_key, refuse_changed
from tracemill.running.phases.ask_teachers import AskTeachers, plan_of, strategy_of
from tracemill.running.phases.audit_verifiers import AuditVerifiers
from tracemill.running.phases.estimate_rates import EstimateRates
from tracemill.running.phases.judge_traces import JudgeTraces
from tracemill.running.phases.make_problems import MakeProblems
from tracemill.running.phases.measured_difficulty import refuse_unmeasurable
from tracemill.running.phases.phase import Build, Phase, Watch, Work, view_versions
from tracemill.running.phases.screen_problems import ScreenProblems
from tracemill.running.phases.select_rows import SelectRows
from tracemill.running.phases.write_dataset import CARD, FOLDER, WriteDataset
from tracemill.running.producing import make_sources
from tracemill.running.reading import reading_of
from tracemill.running.resuming import take_over
from tracemill.running.schema_version import refuse_other_schema
from tracemill.running.teacher_check import check_teacher
from tracemill.sandbox.shared import configure
from tracemill.selection.benchmarks import check_benchmarks
from tracemill.selection.needed_verifiers import refuse_unjudged
from tracemill.settings.errors import DamagedError, UsageError
from tracemill.settings.memory import release, tune_process
from tracemill.settings.plugins import installed, load
from tracemill.settings.yaml_models import Collected
from tracemill.sources.source import Context, ProblemSource
from tracemill.store.manifest import Damage, damaged_beside, listed, read_manifest, verify, write_manifest
from tracemill.store.store import Store

PHASES: tuple[Phase, ...] = (
    MakeProblems(),
    ScreenProblems(),
    AskTeachers(),
    JudgeTraces(),
    EstimateRates(),
    AuditVerifiers(),
    SelectRows(),
    WriteDataset(),
)
JUDGING = PHASES[3:]
"""What a new verifier makes stale: nothing before the verdicts."""
REPORT = "report.html"
"""Beside the manifest, which does not list it: it is made from what the manifest says, at any time again."""


@dataclass(frozen=True, slots=True)
class PhaseState:
    """Where a phase stands: `done`, `left` (not begun, or begun and not finished), or `stale` (its key changed)."""

    phase: str
    state: str
    why: str = ""


def prepare(config: BuildConfig, out: str, published: PublishedRepository | None = None) -> Build:
    """All that can be checked before anything is written. `published`: where the build is resumed from if it is not
    here.

    Raises:
        UsageError: a source or a benchmark that cannot be read; a curriculum that asks for more rows than the sources
            can give; a view that no verifier judges; a folder that holds something else; an existing build of another
            schema version, or from other sources or another teacher; a build to add to that is not there, or does not
            fit.
    """
    checked = check(config)
    store = Store(out)
    store.refuse_unwritable()
    refuse_other_schema(store)
    store.refuse_foreign()
    build = Build(config, checked.curriculum, checked.sources, store, store.latest(), published=published)
    if config.incremental is not None:
        _add_to(build, earlier_build(config.incremental.previous, _pinned(build)))
    for phase in PHASES:
        key = phase.key(build)
        if phase.guarded:
            refuse_changed(build, phase.name, key)
    return build


def _pinned(build: Build) -> Mapping[str, Any] | None:
    """Where the build that this one adds to lay when it was screened, here or as it is published."""
    if build.latest is not None:
        return build.latest.keys.get("screen", {}).get(PLACE)
    return build.published.chain.newest.keys.get(PLACE) if build.published else None


def _add_to(build: Build, earlier: EarlierBuild) -> None:
    """Lets the build begin where another one ended. One that was begun goes on from where it began itself.

    Raises:
        UsageError: the two do not fit; the sources have no more for the curriculum.
    """
    config = build.config
    begun = known_key(build, "problems")
    lineage = str((begun or {}).get(LINEAGE, ""))
    earlier.refuse_unfitting(config.split.bench, view_versions(config), lineage)
    build.earlier = earlier
    build.begun = begun["begun"] if begun and "begun" in begun else earlier.used(build.sources, config.seed)
    build.sources = make_sources(config.sources, build.context)
    _refuse_impossible(config, build.sources, build.curriculum)


class Checked(NamedTuple):
    """What a config names, ready to be used."""

    sources: list[ProblemSource]
    curriculum: Curriculum


def check(config: BuildConfig) -> Checked:
    """All that can be checked wherever the build will lie. What runs code of others from now on does so as it says.

    Raises:
        UsageError: what a config names is not as it should be: all of it at once, each with the line that names it.
    """
    configure(config.sandbox)
    faults = Collected(f"the config {config.name!r} cannot be built", config.origins)
    sources = sources_of(config)
    for index, source in enumerate(sources):
        with faults.at("sources", index):
            source.check()
    with faults.at("curriculum"):
        curriculum = read_curriculum(config.curriculum)
    with faults.at("views"):
        refuse_unjudged(config.view_names, config.verify.names)
    with faults.at("select", "decontaminate", "benchmarks"):
        check_benchmarks(config.select.decontaminate.benchmarks)
    with faults.at("difficulty", "measured_by"):
        refuse_unmeasurable(config, load("teacher", config.teacher.kind).embedded)
    faults.refuse()
    with faults.at("sources"):
        _refuse_twice(sources)
    with faults.at("curriculum"):
        _refuse_impossible(config, sources, curriculum)
    faults.refuse()
    return Checked(sources, curriculum)


def sources_of(config: BuildConfig) -> list[ProblemSource]:
    return make_sources(config.sources, Context(config.seed, config.split.bench))


def _refuse_twice(sources: Sequence[Any]) -> None:
    seen: set[str] = set()
    for source in sources:
        for name in source.parts():
            if name in seen:
                raise UsageError(f"two sources give {name!r}; select it in one of them only")
            seen.add(name)


def _refuse_impossible(config: BuildConfig, sources: Sequence[Any], curriculum: Any) -> None:
    """A view that gets no rows; domains that there are not; then an upper bound: every sample of every problem that
    there can be."""
    for view in config.view_names:
        if all(stage.asked(view) == 0 for stage in curriculum.stages):
            raise UsageError(
                f"{config.curriculum} gives the view {view!r} no rows in any stage; name it under `rows` of one "
                f"(`{view}: 100`, or `rows: all`), or leave it out of `views`"
            )
    problems: Counter[str] = Counter()
    for source in sources:
        problems.update(source.upper_bound())
    refuse_unknown_domains(curriculum, problems, installed("task"))
    messages = upper_bound(curriculum, problems, strategy_of(config).most_traces, config.view_names)
    if messages:
        raise UsageError(f"{config.curriculum} asks for more than the sources can give:\n  " + "\n  ".join(messages))


def _info(config: BuildConfig) -> dict[str, Any]:
    """What the record of a run says of it."""
    return {"name": config.name, "executor": config.executor.kind, "config": config.resolved()}


def recorded_configs(store: Store) -> list[dict[str, Any]]:
    """The configs that a build was made with, the latest first: of the latest run, and of the manifest where that has
    another one, as it has where a run failed before it changed anything. Empty where there is no build."""
    runs = [record["info"] for record in reversed(store.runs()) if "config" in record["info"]]
    manifest = read_manifest(store)
    found = [dict(one["config"]) for one in (*runs[:1], *([manifest] if manifest else []))]
    return [one for index, one in enumerate(found) if one not in found[:index]]


def require_traces(build: Build) -> None:
    """Raises: UsageError unless the traces are those of the config: a build must make them, before they are judged."""
    for phase in PHASES[: PHASES.index(JUDGING[0])]:
        old = build.latest.keys.get(phase.name, {}) if build.latest else {}
        if changed := differing(old, phase.key(build)):
            raise UsageError(
                f"{phase.name} in {build.store.files.url}: not what the config asks for ({', '.join(changed)}); "
                "reverify only judges, so run `tracemill build` with that config first"
            )


def done(build: Build, phase: Phase) -> bool:
    """Whether the phase is committed under its present key, with no input left that ended in an error."""
    old = build.latest.keys.get(phase.name) if build.latest else None
    return old is not None and not old.get("_errors") and not differing(old, phase.key(build))


def states(build: Build) -> list[PhaseState]:
    """Every phase with what is to be done; a phase after one that is not done is not done either."""
    found: list[PhaseState] = []
    for phase in PHASES:
        old = build.latest.keys.get(phase.name) if build.latest else None
        if found and found[-1].state != "done":
            found.append(PhaseState(phase.name, "left", "what it reads is not finished"))
        elif done(build, phase):
            found.append(PhaseState(phase.name, "done"))
        elif old is None:
            found.append(PhaseState(phase.name, "left"))
        else:
            found.append(PhaseState(phase.name, "stale", difference_of(old, phase.key(build))))
    return found


def complete(build: Build) -> bool:
    """Whether every phase is done, the manifest is of the latest commit, and every file is what was written."""
    return all(state.state == "done" for state in states(build)) and _manifest_holds(build) and not verify(build.store)


def _manifest_holds(build: Build) -> bool:
    """Whether there is a manifest of the latest commit, this name, these sources (their notices and languages are on
    the card) and prices, every file that it alone lists is what was written, and the report is there."""
    try:
        manifest = read_manifest(build.store)
    except DamagedError:
        return False
    if manifest is None or manifest["commit"] != build.commit.number or manifest["name"] != build.config.name:
        return False
    if any(key not in manifest for figure in all_figures.FIGURES for key in figure.reads):
        return False  # made before there was that figure
    there, wanted = manifest["config"], build.config.resolved()
    if canonical_json(there["sources"]) != canonical_json(wanted["sources"]):
        return False
    if canonical_json(there["teacher"].get("prices")) != canonical_json(wanted["teacher"].get("prices")):
        return False
    return build.store.files.exists(REPORT) and not list(damaged_beside(build.store, manifest))


def run(
    build: Build, watch: Watch, until: str | None = None, repair: bool = False, phases: Sequence[Phase] = PHASES
) -> None:
    """Does what is left, phase by phase. A kill at any moment loses at most what is in flight.

    Raises:
        UsageError: the executor is not there or too small, the teacher cannot be asked, the port for metrics is taken,
            or another run holds the build.
        PluginError: a plugin has a bug.
        DamagedError: traces or verdicts are damaged, and `repair` was not asked for; or what `phases` do not make.
        ShortfallError: the sources gave fewer rows than the curriculum asks for.
    """
    tune_process()
    executor = load("executor", build.config.executor.kind)(build.config.executor)
    metrics = BuildMetrics()
    try:
        if (address := metrics.serve(build.config.metrics)) is not None:
            watch.say(f"metrics for Prometheus: {address}")
        executor.start()
        if phases is PHASES:
            executor.check(plan_of(build.config))
            if _asks(build, until):
                check_teacher(build.config.teacher)
        with build.store.claim(_info(build.config)) as claimed:
            build.latest = claimed.latest
            work = Work(build, claimed, executor, watch, metrics)
            _mend(work, repair, phases)
            for phase in phases:
                _step(work, phase)
                if phase.name == until and phase is not phases[-1]:
                    return
            if isinstance(phases[-1], WriteDataset) and not _manifest_holds(build):
                finish(work)
    finally:
        metrics.close()
        executor.close()


def _asks(build: Build, until: str | None) -> bool:
    """Whether a run would ask the teacher."""
    upto = [phase.name for phase in PHASES].index(AskTeachers.name) + 1
    wanted = until is None or until not in [phase.name for phase in PHASES[: upto - 1]]
    return wanted and not all(done(build, phase) for phase in PHASES[:upto])


def _step(work: Work, phase: Phase) -> None:
    build = work.build
    if isinstance(phase, AskTeachers) and build.published is not None:
        take_over(work, build.published)
    if done(build, phase):
        return
    key = phase.key(build)
    if phase.guarded:
        refuse_changed(build, phase.name, key)
    work.metrics.phase(phase.name)
    phase.work(work, key, build.latest.keys.get(phase.name) if build.latest else None)
    build.latest = work.run.latest
    release()


def finish(work: Work) -> None:
    """Licence texts, the card, the report and, last of all, the manifest. What this build wrote and the new card does
    not list is deleted in between, so that the folder can be loaded at any moment.

    Raises:
        TracemillError: the card would say a number that the manifest does not have.
    """
    work.watch.phase("manifest", 1, "file")
    reading = reading_of(work.build)
    content = manifest_of(reading)
    shown = {**content, "files": listed(work.build.commit)}
    text = card.render(shown)
    card.check(text, shown)
    texts = {FOLDER + path: data for path, data in notice_files(content, reading.notices).items()}
    beside = [work.run.put(path, data) for path, data in sorted((texts | {CARD: text.encode()}).items())]
    work.run.prune(FOLDER, [file["path"] for file in shown["files"]] + [file.path for file in beside])
    work.run.check()
    work.run.files.replace(REPORT, page(content, reading.tables))
    write_manifest(work.run, content, beside)
    work.watch.step(1)


def _mend(work: Work, repair: bool, phases: Sequence[Phase]) -> None:
    """Forgets what is damaged, so that these phases make it again; traces and verdicts only when asked to."""
    if work.run.latest is None:
        return
    damaged = verify(work.build.store)
    precious = [one for one in damaged if one.precious]
    if precious and not repair:
        raise DamagedError(_told(precious))
    beyond = [one.path for one in damaged if one.phase and one.phase not in {phase.name for phase in phases}]
    if beyond:
        raise DamagedError(f"damaged: {', '.join(beyond)}; run `tracemill build` first, which makes them again")
    for phase in sorted({one.phase for one in damaged if one.phase}):
        parts = [one.path for one in damaged if one.phase == phase and one.precious]
        lost = ", ".join(one.path for one in damaged if one.phase == phase)
        work.watch.say(f"{phase}: made again, since damaged or half replaced by an interrupted run: {lost}")
        work.run.forget(phase, parts or None)
    work.build.latest = work.run.latest


def _told(damaged: Sequence[Damage]) -> str:
    lines = [f"{one.path} ({one.what}; {one.rows} rows of {one.table})" for one in damaged]
    return (
        "rows that cost teacher calls or judging are damaged: "
        + "; ".join(lines)
        + ". Put the files back from a copy, or run `tracemill build` with --repair to ask and judge again"
    )
