"""Reads what a replica takes and makes, for everybody who asks it, at most every `READ_SECONDS`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from tracemill.asking.energy import READ_SECONDS, EnergyReading, NvmlCounters
from tracemill.asking.teachers.vllm.server_checks import ServerPages

TOKENS = "generation_tokens_total"


def own_counters() -> NvmlCounters | None:
    """Of the GPUs that Ray gave to the actor which this runs in."""
    import ray

    return NvmlCounters.of([str(id) for id in ray.get_runtime_context().get_accelerator_ids().get("GPU", ())])


class ReplicaMeter:
    """In the actor of rank 0. `pages`: of its server; `peers`: the actors of the replica's other nodes, for the joules
    of their GPUs; `gpus`: of all nodes together."""

    def __init__(self, pages: ServerPages, counters: NvmlCounters | None, peers: Sequence[Any], gpus: int) -> None:
        self._pages, self._counters, self._peers, self._gpus = pages, counters, peers, gpus
        self._began = self._read_at = time.monotonic()
        self._reading: asyncio.Task[EnergyReading | None] | None = None

    async def reading(self) -> EnergyReading | None:
        """The next one, which all have who wait for it; None where the server does not say how many tokens it made."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        return await asyncio.shield(self._reading)

    async def _read(self) -> EnergyReading | None:
        await asyncio.sleep(self._read_at + READ_SECONDS - time.monotonic())
        values = await self._pages.metrics()
        joules = await asyncio.gather(*(peer.joules.remote() for peer in self._peers))
        joules.append(self._counters.joules() if self._counters else None)
        self._read_at = time.monotonic()
        if values is None or TOKENS not in values:
            return None
        known = [one for one in joules if one is not None]
        seconds = (self._read_at - self._began) * self._gpus
        return EnergyReading(sum(known) if len(known) == len(joules) else None, seconds, values[TOKENS])
