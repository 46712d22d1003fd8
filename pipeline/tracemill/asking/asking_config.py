"""How much asks and how much judges at the same time: the blocks `asking` and `judging` of a config.

Not part of a build's identity: they may change from run to run.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _reservable(gpus: float) -> float:
    if 0 < gpus < 0.01:
        raise ValueError("none (0), or at least 0.01 of one")
    return gpus


Workers = Annotated[int | None, Field(ge=1, le=10_000)]
Cpus = Annotated[float, Field(ge=0.01, le=1_000)]
Gpus = Annotated[float, Field(ge=0, le=1_000), AfterValidator(_reservable)]
"""GPUs are reserved on a cluster; on one machine every process sees them all."""


class AskingConfig(BaseModel):
    """`in_flight`: calls to the teacher that are under way, or wait for their row to be stored, in all. `workers`:
    processes that ask; null means one, or, with an embedded teacher, as many as the executor has. `cpus`, `gpus`: what
    each reserves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    in_flight: Annotated[int, Field(ge=1, le=10_000)] = 64
    workers: Workers = None
    cpus: Cpus = 0.5
    gpus: Gpus = 0


class JudgingConfig(BaseModel):
    """`workers`: processes that judge while the teacher is asked; null means one per CPU. With an embedded teacher
    there are none: it computes, so that the worker that asks judges too. `cpus`, `gpus`: what each of them reserves.
    `when`: `beside` the asking, or `after` it, in the phase `verdicts`, which `--until traces` leaves out: only for the
    strategy `single`, whose samples depend on no verdict. `stuck_seconds`: how long one may take to start, and to judge
    a batch of at most 16 traces. Verifiers bound CPU time, so that only a process that is stopped, or that waits for
    what never comes, takes so long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workers: Workers = None
    cpus: Cpus = 0.5
    gpus: Gpus = 0
    when: Literal["beside", "after"] = "beside"
    stuck_seconds: Annotated[float, Field(gt=0, le=1_000_000)] = 900


class ServersReserve(NamedTuple):
    """What a teacher's own servers reserve on a cluster: `nodes` in all, `cpus` and `gpus` on each; `why` it is so many
    GPUs, for messages."""

    nodes: int
    replicas: int
    cpus: float
    gpus: int
    why: str


class WorkerCounts(NamedTuple):
    """Processes that ask; and those that judge, for each of them."""

    asking: int
    judging_each: int


def worker_counts(asking: AskingConfig, judging: JudgingConfig, embedded: bool, workers: int) -> WorkerCounts:
    """`workers`: as many as the executor has, one per CPU unless its config says otherwise."""
    if embedded:
        return WorkerCounts(asking.workers or workers, 0)
    asking_workers = asking.workers or 1
    return WorkerCounts(asking_workers, max(1, (judging.workers or workers) // asking_workers))
