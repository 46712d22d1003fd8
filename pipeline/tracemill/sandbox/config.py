"""What a user may say of the sandbox."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.sandbox.jobs import Level


class SandboxConfig(BaseModel):
    """`sandbox:` of a build. Which level a machine reaches is found out by attacks, not stated here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    allow: Level = Field(
        default="L1", description="The lowest level at which code of others may run. L0 has rlimits only."
    )
    highest: Level = Field(
        default="L3", description="The level to try first; lower ones are for tests and measurements."
    )
    slots: int | None = Field(
        default=None, ge=1, le=1024, description="Programs that run at a time; default: as many as CPUs"
    )
    way: Literal["warm", "cold"] = Field(
        default="warm",
        description="warm: forks of waiting interpreters. cold: an interpreter for each run, by bubblewrap.",
    )
