"""Whether a machine or a cluster has the CPUs and GPUs that asking and judging reserve: looked at before they start.

A worker that is waited for and never starts is a run that hangs without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor
from typing import NamedTuple

from tracemill.asking.asking_config import AskingConfig, JudgingConfig, ServersReserve, WorkerCounts
from tracemill.settings.errors import UsageError


@dataclass(frozen=True, slots=True)
class Capacity:
    """What there is in all, and on the largest node: one worker must fit into that."""

    place: str
    cpus: float
    gpus: float
    largest_cpus: float
    largest_gpus: float


def refuse_lack(
    asking: AskingConfig,
    judging: JudgingConfig,
    counts: WorkerCounts,
    there: Capacity,
    servers: ServersReserve | None = None,
) -> None:
    """Raises: UsageError: asking, judging and the teacher's servers reserve more than there is."""
    judges = counts.asking * counts.judging_each
    cpus = [_Reserved("asking", counts.asking, asking.cpus), _Reserved("judging", judges, judging.cpus)]
    gpus = [_Reserved("asking", counts.asking, asking.gpus), _Reserved("judging", judges, judging.gpus)]
    if servers is not None:
        if lack := _servers_lack(servers, there, sum(one.workers * one.each for one in gpus)):
            raise UsageError(lack)
        cpus.append(_Reserved("teacher", servers.nodes, servers.cpus))
        gpus.append(_Reserved("teacher", servers.nodes, servers.gpus))
    wrong = [
        *_lack(there.place, "cpus", [one for one in cpus if one.workers], there.cpus, there.largest_cpus),
        *_lack(there.place, "gpus", [one for one in gpus if one.workers], there.gpus, there.largest_gpus),
    ]
    if wrong:
        raise UsageError("\n".join(wrong))


def _servers_lack(servers: ServersReserve, there: Capacity, others: float) -> str:
    """What the GPUs of the teacher's servers lack beside the `others`; empty where there are enough."""
    each, total = servers.gpus, servers.nodes * servers.gpus
    if each > there.largest_gpus:
        return (
            f"a replica of the teacher takes {each} GPUs on a node ({servers.why}), and the largest node of "
            f"{there.place} has {there.largest_gpus:g}; lower the parallel sizes in teacher.engine, or raise "
            "teacher.nodes"
        )
    if total <= there.gpus - others:
        return ""
    per_replica = total // servers.replicas
    most = int((there.gpus - others) // per_replica)
    beside = f", of which {others:g} are for asking and judging" if others else ""
    fix = f"set teacher.replicas to at most {most}" if most else "lower the parallel sizes in teacher.engine"
    return (
        f"the teacher's replicas take {total} GPUs ({servers.replicas} × {per_replica}: {servers.why}), and "
        f"{there.place} has {there.gpus:g}{beside}; {fix}"
    )


class _Reserved(NamedTuple):
    """What a block of the config reserves: `each` for every worker."""

    block: str
    workers: int
    each: float


def _lack(place: str, unit: str, reserved: Sequence[_Reserved], total: float, largest: float) -> Iterator[str]:
    for one in reserved:
        if one.each > largest:
            node = f"{place} has {largest:g}" if largest == total else f"the largest node of {place} has {largest:g}"
            yield f"{one.block}.{unit}={one.each:g}, and {node}; set it to at most {largest:g}"
            return
    wanted = sum(one.workers * one.each for one in reserved)
    if wanted > total:
        terms = " and ".join(f"{one.workers} × {one.block}.{unit}={one.each:g}" for one in reserved)
        what = f"{terms} reserve {wanted:g} {unit.upper()[:-1]}s, and {place} has {total:g}"
        yield f"{what}; {_fix(unit, reserved, total)}"


def _fix(unit: str, reserved: Sequence[_Reserved], total: float) -> str:
    """What to change in the block that takes most."""
    most = max(reserved, key=lambda one: one.workers * one.each)
    left = total - sum(one.workers * one.each for one in reserved if one is not most)
    share = floor(100 * left / most.workers) / 100
    fixes = [f"{most.block}.{unit} to at most {share:g}"] if share > 0 else []
    fixes += [f"{most.block}.workers to at most {int(left / most.each)}"] if left >= most.each else []
    return f"set {' or '.join(fixes)}" if fixes else f"lower {' and '.join(f'{one.block}.{unit}' for one in reserved)}"
