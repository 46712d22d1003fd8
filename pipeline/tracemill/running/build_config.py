"""The config of a build: YAML in, frozen models out, with errors that say the key, the value, the choices and the fix.

Blocks with a `kind` are narrowed to the config model of the plugin that they name. Nothing is imported for kinds that a
config does not name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tracemill.asking.asking_config import AskingConfig, JudgingConfig
from tracemill.selection.select_config import SelectConfig
from tracemill.settings.errors import UsageError, unknown
from tracemill.settings.plugins import installed, load
from tracemill.settings.shipped import path_of
from tracemill.settings.yaml_models import StrictLoader, read_yaml, validated
from tracemill.verifiers.leakage import LIMIT

_BLOCKS = {"executor": "executor", "teacher": "teacher", "strategy": "strategy"}


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
    audit: Annotated[int, Field(ge=1)] = 20
    leakage: Annotated[float, Field(ge=0.5, le=1)] | None = LIMIT

    @field_validator("require", "also")
    @classmethod
    def _installed(cls, given: tuple[Any, ...]) -> tuple[Any, ...]:
        wrong: list[str] = []
        blocks = [{"kind": one} if isinstance(one, str) else one for one in given]
        found = [_narrowed("verifier", block, str(index), wrong) for index, block in enumerate(blocks)]
        if wrong:
            raise ValueError("; ".join(wrong))
        return tuple(one for index, one in enumerate(found) if one not in found[:index])

    @model_validator(mode="after")
    def _each_once(self) -> VerifyConfig:
        """A verifier may be named twice, but not with two sets of parameters."""
        for name in self.names:
            if self.names.count(name) > 1:
                raise ValueError(f"the verifier {name!r} stands twice with different parameters; keep one of them")
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


class ShardConfig(Block):
    """No shard has more `rows`."""

    rows: Annotated[int, Field(ge=1)] = 20_000


class BuildConfig(Block):
    """A whole build. `executor` (default: Ray), `sources`, `teacher` and `strategy` are their plugins' own models."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    seed: int
    executor: Any
    sources: Annotated[tuple[Any, ...], Field(min_length=1)]
    teacher: Any
    strategy: Any
    asking: AskingConfig = AskingConfig()
    judging: JudgingConfig = JudgingConfig()
    split: SplitConfig = SplitConfig()
    verify: VerifyConfig = Field(default_factory=VerifyConfig)
    select: SelectConfig = SelectConfig()
    curriculum: str
    views: Annotated[tuple[str, ...], Field(min_length=1)]
    shards: ShardConfig = ShardConfig()

    @field_validator("views")
    @classmethod
    def _installed(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_known("view", names)))

    def resolved(self) -> dict[str, Any]:
        """The config as plain JSON, every default filled in."""
        return {name: _plain(getattr(self, name)) for name in type(self).model_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _known(thing: str, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in installed(thing):
            raise ValueError(str(unknown(thing, name, installed(thing))))
    return names


def read_config(name: str, overrides: Sequence[str] = ()) -> BuildConfig:
    """The config at a path, or the shipped one of that name, with `--set` overrides such as `sources.0.per_task=50`.

    Raises:
        UsageError: everything that is wrong with it, each with its place.
    """
    path = path_of("config", name)
    data = read_yaml(path)
    apply_overrides(data, overrides)
    return build_config(data, path)


def apply_overrides(data: dict[str, Any], overrides: Sequence[str]) -> None:
    """Applies `a.b=c` overrides in place; values are YAML.

    Raises:
        UsageError: an override that is none, or a path that leads nowhere.
    """
    for override in overrides:
        _override(data, override)


def build_config(data: Mapping[str, Any], path: str) -> BuildConfig:
    """Raises: UsageError."""
    data = {"executor": {"kind": "ray"}, **data}
    wrong: list[str] = []
    for key, thing in _BLOCKS.items():
        if key in data:
            data[key] = _narrowed(thing, data[key], key, wrong)
    if isinstance(data.get("sources"), list):
        data["sources"] = [_narrowed("source", one, f"sources.{i}", wrong) for i, one in enumerate(data["sources"])]
    config = validated(BuildConfig, data, "", wrong)
    if wrong:
        raise UsageError(f"{path} is not a config:\n  " + "\n  ".join(wrong))
    assert isinstance(config, BuildConfig)
    return config


def _narrowed(thing: str, block: Any, where: str, wrong: list[str]) -> Any:
    if not isinstance(block, Mapping) or not isinstance(block.get("kind"), str):
        kinds = ", ".join(sorted(installed(thing)))
        wrong.append(f"{where}: {block!r} has no kind; write {{kind: …}} with one of: {kinds}")
        return None
    try:
        plugin = load(thing, block["kind"])
    except UsageError as exc:
        wrong.append(f"{where}.kind: {exc}")
        return None
    return validated(plugin.Config, block, where, wrong)


def _override(data: dict[str, Any], override: str) -> None:
    """Applies one `a.b=c`; a new `kind` drops the sibling keys that it does not have."""
    path, equals, text = override.partition("=")
    if not equals or not path:
        raise UsageError(f"--set {override!r} is not of the form key.key=value, such as sources.0.per_task=50")
    try:
        value = yaml.load(text, Loader=StrictLoader)
    except yaml.YAMLError as exc:
        raise UsageError(f"--set {path}: {text!r} is not plain YAML: {' '.join(str(exc).split())}") from exc
    *parents, last = path.split(".")
    place: Any = data
    for depth, part in enumerate(parents):
        place = _descend(place, part, ".".join(parents[: depth + 1]))
    if isinstance(place, list):
        place[_index(place, last, path)] = value
    elif isinstance(place, dict):
        place[last] = value
        if last == "kind":
            _drop_foreign(place, parents)
    else:
        raise UsageError(f"--set {path}: {'.'.join(parents)} is {place!r}, which has no keys")


def _descend(place: Any, part: str, path: str) -> Any:
    if isinstance(place, list):
        return place[_index(place, part, path)]
    if isinstance(place, dict):
        return place.setdefault(part, {})
    raise UsageError(f"--set {path}: there is nothing below {place!r}")


def _index(place: list[Any], part: str, path: str) -> int:
    if not part.isdecimal() or int(part) >= len(place):
        raise UsageError(f"--set {path}: {part!r} is no index of a list of {len(place)}; write 0 to {len(place) - 1}")
    return int(part)


def _drop_foreign(block: dict[str, Any], parents: Sequence[str]) -> None:
    thing = "source" if parents and parents[0] == "sources" else _BLOCKS.get(parents[0] if parents else "", "")
    if thing and isinstance(block["kind"], str) and block["kind"] in installed(thing):
        known = load(thing, block["kind"]).Config.model_fields
        for key in [key for key in block if key not in known]:
            del block[key]
