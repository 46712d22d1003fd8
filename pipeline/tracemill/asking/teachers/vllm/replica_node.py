"""One node of a replica, inside a Ray actor: it starts vLLM's server there, looks at it, and ends with it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tracemill.asking.energy import EnergyReading
from tracemill.asking.teachers.vllm import launch
from tracemill.asking.teachers.vllm.guarded_process import GuardedProcess
from tracemill.asking.teachers.vllm.replica_meter import ReplicaMeter, own_counters
from tracemill.asking.teachers.vllm.server_checks import ServerFinding, ServerPages

PROBE_SECONDS = 5.0
"""How often a server that serves is looked at; and the answer of one that starts is waited for a tenth as long."""
TOLD_LINES, SEARCHED_LINES = 15, 200
_ERROR = re.compile(r"^(?:\([^()]*pid=\d+\) )?(?:ERROR [^\]]*\] )?([\w.]*(?:Error|Exception): \S.*)$", re.MULTILINE)
"""How Python ends a traceback, also behind the marks that vLLM puts before the lines of its processes."""
_RAYS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Ray sets them for what runs in its workers; vLLM divides its cores itself."""


class NodePlace(NamedTuple):
    """Where a node can be reached: its address, and ports that were free. `port` is the server's; where several nodes
    make a replica, those of rank 0 are also where its processes find each other."""

    host: str
    port: int
    meeting_port: int
    data_parallel_port: int


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """What every node of every replica is started with. `arguments` and `wishes`: see `launch.py`. `key`: what requests
    must show. `longest`: tokens that a reply may have."""

    model: str
    asked_model: str
    arguments: dict[str, Any]
    wishes: dict[str, Any]
    environment: dict[str, str]
    python: str | None
    key: str
    longest: int | None
    start_seconds: float
    progress_seconds: float | None


class Started(NamedTuple):
    """A node that serves, at `url`, or (`url` empty) computes for the one that does; or why it does not. `final`:
    another try would end the same way."""

    url: str = ""
    notices: tuple[str, ...] = ()
    failed: str = ""
    final: bool = False


class ReplicaNode:
    """`rank` 0 of a replica's `nodes` has the server; the others compute for it."""

    def __init__(self, spec: ServerSpec, rank: int, nodes: int, alone: bool) -> None:
        self.spec, self.rank, self.nodes, self.alone = spec, rank, nodes, alone
        self.process: GuardedProcess | None = None
        self.pages: ServerPages | None = None
        self.counters = own_counters()
        self.meter: ReplicaMeter | None = None
        self._ending = False

    async def place(self) -> NodePlace:
        """A cluster of one node is served on loopback, where nobody else can ask."""
        import ray

        host = "127.0.0.1" if self.alone else str(ray.util.get_node_ip_address())
        return NodePlace(host, *_free_ports(host, 3))

    async def start(self, place: NodePlace, head: NodePlace) -> Started:
        """Begins the server, and waits until it can be asked. `head`: where rank 0 waits for the others."""
        # Where a Ray of our own has its files: what its workers write goes with it, and this may be wanted afterwards.
        folder = os.environ.get("RAY_TMPDIR")
        descriptor, name = tempfile.mkstemp(prefix="tracemill-vllm-", suffix=".log", dir=folder)
        os.close(descriptor)
        self.process = GuardedProcess(self._command(place, head), self._environment(), Path(name))
        if self.rank:
            return Started()
        self.pages = ServerPages(f"http://{place.host}:{place.port}", self.spec.key)
        ended = asyncio.ensure_future(self.process.wait())
        try:
            async with asyncio.timeout(self.spec.start_seconds):
                while (checked := await self._checked()) is None:
                    await asyncio.wait({ended}, timeout=PROBE_SECONDS / 10)
                    if ended.done():
                        return self._failed_start(ended.result())
        except TimeoutError:
            return Started(failed=f"it was not ready after start_seconds={self.spec.start_seconds:g}; {self._told()}")
        return self._of(checked, place)

    async def _checked(self) -> ServerFinding | None:
        """What its pages say; None while they do not answer."""
        assert self.pages is not None
        if not await self.pages.healthy(PROBE_SECONDS):
            return None
        return await self.pages.check(self.spec.asked_model, self.spec.longest)

    def _of(self, checked: ServerFinding, place: NodePlace) -> Started:
        if checked.wrong:
            return Started(failed=checked.wrong, final=True)
        return Started(url=f"http://{place.host}:{place.port}/v1", notices=checked.notices)

    def _failed_start(self, status: int | None) -> Started:
        assert self.process is not None
        if status == launch.REFUSED:
            return Started(failed=self.process.tail(1), final=True)
        # argparse ends so, with its own words in the last line.
        return Started(failed=f"it ended with {_told_status(status)}: {self._told()}", final=status == 2)

    async def watch(self) -> str:
        """Why the node does not serve any longer. One that is stuck is ended first."""
        assert self.process is not None
        ended = asyncio.ensure_future(self.process.wait())
        while not ended.done():
            await asyncio.wait({ended}, timeout=PROBE_SECONDS)
            if self.pages is not None and self.spec.progress_seconds is not None and not ended.done():
                stuck = await self.pages.stuck(self.spec.progress_seconds)
                if stuck:
                    await self.process.end()
                    return stuck
        return f"it ended with {_told_status(ended.result())}: {self._told()}"

    async def joules(self) -> float | None:
        """What this node's GPUs have taken; None where that cannot be read."""
        return self.counters.joules() if self.counters else None

    async def measure(self, peers: Sequence[Any], gpus: int) -> None:
        """Of rank 0: makes `reading` possible; `gpus` are all of the replica."""
        assert self.pages is not None
        self.meter = ReplicaMeter(self.pages, self.counters, peers, gpus)

    async def reading(self) -> EnergyReading | None:
        assert self.meter is not None
        return await self.meter.reading()

    async def end(self, keep_log: bool) -> None:
        self._ending = True
        if self.pages is not None:
            await self.pages.close()
        if self.process is not None:
            await self.process.end()
            if not keep_log:
                self.process.log.unlink(missing_ok=True)

    def _command(self, place: NodePlace, head: NodePlace) -> list[str]:
        spec = self.spec
        arguments = {**spec.arguments, "host": place.host, "port": place.port}
        if self.nodes > 1:
            arguments |= {"nnodes": self.nodes, "node_rank": self.rank}
            arguments |= {"master_addr": head.host, "master_port": head.meeting_port, "headless": self.rank > 0}
            if arguments.get("data_parallel_size", 1) > 1:
                arguments["data_parallel_rpc_port"] = head.data_parallel_port
        told = json.dumps({"model": spec.model, "arguments": arguments, "wishes": spec.wishes})
        return [spec.python or sys.executable, launch.__file__, told]

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _RAYS}
        return {"VLLM_NO_USAGE_STATS": "1", **inherited, **self.spec.environment, "VLLM_API_KEY": self.spec.key}

    def _told(self) -> str:
        """The error that its log tells last, where the log is, and how that ends."""
        assert self.process is not None
        if self._ending:
            return "it was ended"
        errors = _ERROR.findall(self.process.tail(SEARCHED_LINES))
        cause = f"{errors[-1][:500]}\n" if errors else ""
        where = f"{self.process.log} on {socket.gethostname()}"
        return f"{cause}its log, {where}, ends:\n{self.process.tail(TOLD_LINES)}"


def _told_status(status: int | None) -> str:
    if status is None:
        return "an unknown status"
    return f"signal {-status}" if status < 0 else f"status {status}"


def _free_ports(host: str, count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((host, 0))
        return [int(one.getsockname()[1]) for one in sockets]
