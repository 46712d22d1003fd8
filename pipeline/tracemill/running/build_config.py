"""The config of a build: YAML in, frozen models out, with errors that say the key, the value, the choices and the fix.

Blocks with a `kind` are narrowed to the config model of the plugin that they name. Nothing is imported for kinds that a
config does not name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from tracemill.asking.asking_config import AskingConfig, JudgingConfig
from tracemill.curriculum.curriculum_config import read_curriculum
from tracemill.publishing.hub.hub_address import hub_address, is_on_hub
from tracemill.running.metrics import MetricsConfig
from tracemill.running.overrides import BLOCKS, apply_overrides
from tracemill.running.producing import make_sources
from tracemill.sandbox.config import SandboxConfig
from tracemill.selection.select_config import SelectConfig
from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import config_model, installed
from tracemill.settings.secrets_in_text import secrets_in
from tracemill.settings.shipped import path_of
from tracemill.settings.yaml_files import KeyPath, Origin, Origins, YamlFile, read_yaml
from tracemill.settings.yaml_models import Collected, Fault, shown, validated
from tracemill.sources.source import Context
from tracemill.verifiers.leakage import LIMIT


class Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class SplitConfig(Block):
    """`bench`: the share of problem groups that is held out from every training view, for ever."""

    bench: Annotated[float, Field(ge=0, lt=1)] = 0.05


class VerifyConfig(Block):
    """`require` must verify a trace before `sft` takes it; `also` judge it too. Each is a verifier's name, or a block
    with its `kind` and parameters, such as `{kind: steps, coverage: 0.9}`; here they are the verifiers' own models.
    `audit`: labelled cases per domain on which each is measured. `leakage`: the AUC with which a step's wording alone
    may betray that it is wrong, in a build with a view that labels steps; null measures nothing and lets all pass."""

    require: Annotated[tuple[Any, ...], Field(min_length=1, validate_default=True)] = ("answer", "steps")
    also: tuple[Any, ...] = ()
    audit: Annotated[int, Field(ge=1, le=100_000)] = 20
    leakage: Annotated[float, Field(ge=0.5, le=1)] | None = LIMIT

    @field_validator("require", "also")
    @classmethod
    def _installed(cls, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return _once("verifier", given)

    @model_validator(mode="after")
    def _each_once(self) -> VerifyConfig:
        _refuse_twice("verifier", self.names)
        return self

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(one.kind for one in self.require)

    @property
    def verifiers(self) -> tuple[Any, ...]:
        """All that judge, each once."""
        return (*self.require, *(one for one in self.also if one not in self.require))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.kind for one in self.verifiers)


class DifficultyConfig(Block):
    """`measured_by`: whose pass rates say how hard a problem is, in selection, curriculum and views: `teacher`, for the
    samples of this build, or a student's folder that `tracemill estimate` names; null: the generator's own measure."""

    measured_by: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")] | None = None


class ShardConfig(Block):
    """No shard has more `rows`."""

    rows: Annotated[int, Field(ge=1)] = 20_000


class IncrementalConfig(Block):
    """`previous`: the folder of a finished build, or `hf://OWNER/NAME` (with `@REVISION`) of a published one, that this
    build adds to: it makes and keeps only what is not there."""

    previous: Annotated[str, Field(min_length=1)]

    @field_validator("previous")
    @classmethod
    def _on_the_hub(cls, given: str) -> str:
        try:
            if is_on_hub(given):
                hub_address(given)
        except UsageError as exc:
            raise ValueError(str(exc)) from exc
        return given


class BuildConfig(Block):
    """A whole build. `executor` (default: Ray), `sources`, `teacher`, `strategy` and `views` are their plugins' own
    models; a view is its name, or a block with its `kind` and settings, such as `{kind: sft, reasoning: inline}`.
    `allow_empty`: without it a build in which no view has a row ends with exit status 1."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    seed: Annotated[int, Field(strict=True)]
    executor: Any
    sources: Annotated[tuple[Any, ...], Field(min_length=1)]
    teacher: Any
    strategy: Any
    asking: AskingConfig = AskingConfig()
    judging: JudgingConfig = JudgingConfig()
    split: SplitConfig = SplitConfig()
    incremental: IncrementalConfig | None = None
    verify: VerifyConfig = Field(default_factory=VerifyConfig)
    select: SelectConfig = SelectConfig()
    difficulty: DifficultyConfig = DifficultyConfig()
    curriculum: str
    views: Annotated[tuple[Any, ...], Field(min_length=1)]
    shards: ShardConfig = ShardConfig()
    sandbox: SandboxConfig = Field(default_factory=SandboxConfig)
    allow_empty: bool = False
    metrics: MetricsConfig = MetricsConfig()

    @field_validator("views")
    @classmethod
    def _installed(cls, given: tuple[Any, ...]) -> tuple[Any, ...]:
        found = _once("view", given)
        _refuse_twice("view", [one.kind for one in found])
        return found

    @model_validator(mode="after")
    def _judged_in_time(self) -> BuildConfig:
        if self.judging.when == "after" and getattr(self.strategy, "kind", "single") != "single":
            raise ValueError(
                f"judging.when is after, and the strategy {self.strategy.kind!r} asks what its verdicts say; set it to "
                "beside, or take the strategy single"
            )
        return self

    @property
    def view_names(self) -> tuple[str, ...]:
        return tuple(one.kind for one in self.views)

    @property
    def view_settings(self) -> dict[str, dict[str, Any]]:
        """By view, what `views.view.view_with` makes it with."""
        return {one.kind: one.model_dump(exclude={"kind"}) for one in self.views}

    _origins: Origins = PrivateAttr(default=Origins(Origin("config")))

    @property
    def origins(self) -> Origins:
        """Where its values come from."""
        return self._origins

    def resolved(self) -> dict[str, Any]:
        """The config as plain JSON, every default filled in."""
        return {name: _plain(getattr(self, name)) for name in type(self).model_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _once(thing: str, given: Sequence[Any]) -> tuple[Any, ...]:
    """The models of plugins that are named, each once."""
    faults: list[Fault] = []
    found = _blocks(thing, given, (), faults)
    if faults:
        raise ValueError("; ".join(f"{'.'.join(map(str, one.at))}: {one.text}" for one in faults))
    return tuple(one for index, one in enumerate(found) if one not in found[:index])


def _refuse_twice(thing: str, names: Sequence[str]) -> None:
    """A plugin may be named twice, but not with two sets of parameters."""
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the {thing} {name!r} stands twice with different parameters; keep one of them")


def read_config(name: str, overrides: Sequence[str] = ()) -> BuildConfig:
    """The config at a path, or the shipped one of that name, with `--set` overrides such as `sources.0.per_task=50`.

    Raises:
        UsageError: everything that is wrong with it, each with its file and line.
    """
    return config_of(read_yaml(path_of("config", name)), overrides)


def config_of(file: YamlFile, overrides: Sequence[str] = ()) -> BuildConfig:
    """The config that a file's data is, with overrides.

    Raises:
        UsageError: as for `read_config`.
    """
    apply_overrides(file, overrides)
    wrong = Collected(f"{file.path} is not a config", file.origins)
    wrong.add(secrets_in(file.data))
    wrong.refuse()
    data: dict[str, Any] = {"executor": {"kind": "ray"}, **file.data}
    faults: list[Fault] = []
    for key, thing in BLOCKS.items():
        if key in data:
            data[key] = _narrowed(thing, data[key], (key,), faults)
    if isinstance(data.get("sources"), list):
        data["sources"] = [_narrowed("source", one, ("sources", i), faults) for i, one in enumerate(data["sources"])]
    if isinstance(data.get("verify"), Mapping):
        data["verify"] = {key: _verify_part(key, given, faults) for key, given in data["verify"].items()}
    if isinstance(data.get("views"), list):
        data["views"] = _blocks("view", data["views"], ("views",), faults)
    narrowed = {fault.at for fault in faults}
    found: list[Fault] = []
    config = validated(BuildConfig, data, (), found)
    # What could not be narrowed has been said.
    faults += [fault for fault in found if not any(fault.at[: len(at)] == at[: len(fault.at)] for at in narrowed)]
    wrong.add(faults)
    if faults:
        _look_beside(data, wrong)
    wrong.refuse()
    assert isinstance(config, BuildConfig)
    config._origins = file.origins
    return config


def _look_beside(data: Mapping[str, Any], wrong: Collected) -> None:
    """Looks also into the files that a config names which is wrong itself."""
    sources = data.get("sources")
    for index, block in enumerate(sources if isinstance(sources, list) else ()):
        if isinstance(block, BaseModel):
            with wrong.at("sources", index):
                make_sources([block], Context(0, 0))[0].check()
    if isinstance(name := data.get("curriculum"), str):
        with wrong.at("curriculum"):
            read_curriculum(name)


def _verify_part(key: Any, given: Any, faults: list[Fault]) -> Any:
    named = key in ("require", "also") and isinstance(given, list)
    return _blocks("verifier", given, ("verify", key), faults) if named else given


def _blocks(thing: str, given: Sequence[Any], at: KeyPath, faults: list[Fault]) -> tuple[Any, ...]:
    """The plugins' own config models; a name alone is a block with that kind."""
    blocks = [{"kind": one} if isinstance(one, str) else one for one in given]
    return tuple(_narrowed(thing, block, (*at, index), faults) for index, block in enumerate(blocks))


def _narrowed(thing: str, block: Any, at: KeyPath, faults: list[Fault]) -> Any:
    """The plugin's own model; one that is made already stays."""
    if isinstance(block, BaseModel):
        return block
    if not isinstance(block, Mapping) or not isinstance(block.get("kind"), str):
        kinds = ", ".join(sorted(installed(thing)))
        faults.append(Fault(at, f"{shown(block)} has no kind; write {{kind: …}} with one of: {kinds}"))
        return None
    try:
        model = config_model(thing, block["kind"])
    except UsageError as exc:
        faults.append(Fault((*at, "kind"), str(exc)))
        return None
    return validated(model, block, at, faults)
