"""The JSON schema of configs and curricula, with the blocks of every plugin that is installed: editors complete by it.

It says which keys and values there may be. What else must hold (a file that is there, a band that is not empty) is
found by `tracemill validate`.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from tracemill.curriculum.curriculum_config import Curriculum
from tracemill.running.build_config import BuildConfig, VerifyConfig
from tracemill.settings.plugins import config_model, installed

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    verifiers = _list_of(_names("verifier") | _block("verifier"))
    verify = create_model(
        "Verify", __base__=VerifyConfig, require=(_at_least_one(verifiers), ("answer", "steps")), also=(verifiers, ())
    )
    fields: dict[str, Any] = {
        "executor": (_block("executor"), {"kind": "ray"}),
        "sources": (_at_least_one(_list_of(_block("source"))), ...),
        "teacher": (_block("teacher"), ...),
        "strategy": (_block("strategy"), ...),
        "verify": (verify, Field(default_factory=verify)),
        "views": (_at_least_one(_list_of(_names("view") | _view_blocks())), ...),
    }
    return _schema_of(create_model("Config", __base__=BuildConfig, **fields))


def curriculum_schema() -> dict[str, Any]:
    return _schema_of(Curriculum)


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": _DIALECT, **model.model_json_schema()}


def _names(thing: str) -> Any:
    return Literal[tuple(sorted(installed(thing)))]


def _block(thing: str) -> Any:
    """One of the plugins' config models, told apart by their `kind`."""
    models = [config_model(thing, kind) for kind in sorted(installed(thing))]
    either = reduce(or_, models)
    return either if len(models) == 1 else Annotated[either, Field(discriminator="kind")]


def _view_blocks() -> Any:
    """Views with settings have a model of their own; the others are named, or a block with nothing but their `kind`."""
    return reduce(or_, dict.fromkeys(config_model("view", kind) for kind in sorted(installed("view"))))


def _list_of(item: Any) -> Any:
    return tuple.__class_getitem__((item, ...))


def _at_least_one(items: Any) -> Any:
    return Annotated[items, Field(min_length=1)]
