"""The sandbox of this process, for code that is made far from a build's config: verifiers, claim checkers, workers.

The config goes in the environment, which processes of a pool inherit and Ray's workers are given.
"""

from __future__ import annotations

import os
from functools import cache

from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.config import SandboxConfig

VARIABLE = "TRACEMILL_SANDBOX"


def configure(config: SandboxConfig) -> None:
    """For this process and those that it starts."""
    os.environ[VARIABLE] = config.model_dump_json()


def shared() -> Sandbox:
    """One for all that run code here."""
    return _made(os.environ.get(VARIABLE, "{}"))


@cache
def _made(config: str) -> Sandbox:
    return Sandbox(SandboxConfig.model_validate_json(config))
