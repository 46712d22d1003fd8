"""The replicas of a run: a Ray actor that starts them, restarts what dies, and says where they are.

It and all it started end with the driver: nothing of it is detached, and the servers end with the actors that began
them (`guard.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from tracemill.asking.teachers.vllm.replica_node import NodePlace, ReplicaNode, ServerSpec, Started

POLL_SECONDS = 30.0
"""Who asks for addresses that are not there yet is answered at least so often."""
END_SECONDS = 20.0


class Addresses(NamedTuple):
    """`version` grows with every change. `urls`: by the replica's number, of those that serve; `meters`: of those with
    GPUs the actor that gives readings of what they take. `lost`: why there will never be one again."""

    version: int
    urls: dict[int, str]
    meters: dict[int, Any]
    lost: str = ""


class Ready(NamedTuple):
    """How the start went: why it failed, or what the user should know."""

    failed: str = ""
    final: bool = False
    notices: tuple[str, ...] = ()


class Fleet:
    """`replicas`, each on `nodes` nodes with `cpus` and `gpus`; each may be restarted so many times."""

    def __init__(self, spec: ServerSpec, replicas: int, nodes: int, cpus: float, gpus: int, restarts: int) -> None:
        self.spec, self.nodes, self.cpus, self.gpus, self.restarts = spec, nodes, cpus, gpus, restarts
        self.version = 0
        self.urls: dict[int, str] = {}
        self.meters: dict[int, Any] = {}
        self.given_up: dict[int, str] = {}
        self.notices: dict[str, None] = {}
        self.first_failure: Started | None = None
        self.served = False
        self._changed = asyncio.Event()
        self._alone: bool | None = None
        self._replicas = replicas
        self._keepers: list[asyncio.Task[None]] = []

    async def ready(self) -> Ready:
        """Starts the replicas, and waits until every one serves or has been given up.

        Until one has served, a failure is the config's or the machine's, and ends the wait.
        """
        self._keepers = [asyncio.create_task(self._keep(place)) for place in range(self._replicas)]
        while len(self.urls) + len(self.given_up) < self._replicas:
            if self.first_failure is not None and not self.served:
                return Ready(self.first_failure.failed, self.first_failure.final)
            await self._change()
        lost = [f"replica {place} was given up: {why}" for place, why in sorted(self.given_up.items())]
        if not self.urls:
            return Ready("\n".join(lost))
        return Ready(notices=(*self.notices, *lost))

    async def addresses(self, known: int) -> Addresses:
        """The addresses, as soon as they differ from version `known`; or after a while as they are."""
        try:
            async with asyncio.timeout(POLL_SECONDS):
                while self.version == known:
                    await self._change()
        except TimeoutError:
            pass
        gone = len(self.given_up) == self._replicas
        lost = next(iter(self.given_up.values())) if gone else ""
        return Addresses(self.version, dict(self.urls), dict(self.meters), lost)

    def key(self) -> str:
        return self.spec.key

    async def close(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _keep(self, place: int) -> None:
        """One replica's lives."""
        from ray.util.placement_group import placement_group, remove_placement_group

        bundle = {"CPU": self.cpus, "GPU": self.gpus} if self.gpus else {"CPU": self.cpus}
        group = placement_group([bundle] * self.nodes, strategy="STRICT_SPREAD" if self.nodes > 1 else "PACK")
        ended = Started()
        try:
            for _ in range(1 + self.restarts):
                ended = await self._live(place, group)
                self.first_failure = self.first_failure or ended
                self._tell()
            self._give_up(place, f"it ended {1 + self.restarts} times, the last time so: {ended.failed}")
        except Exception as exc:
            self._give_up(place, f"a bug in tracemill: {type(exc).__name__}: {exc}")
            raise
        finally:
            remove_placement_group(group)

    def _give_up(self, place: int, why: str) -> None:
        self.given_up[place] = why
        self._tell()

    async def _live(self, place: int, group: Any) -> Started:
        """From the start of a replica to its end; returns why it ended."""
        from ray.exceptions import RayError

        if not await _within(self.spec.start_seconds, group.ready()):
            wanted = f"{self.nodes} × {self.cpus:g} CPUs and {self.gpus} GPUs"
            return Started(failed=f"the cluster had no {wanted} free within start_seconds={self.spec.start_seconds:g}")
        actors = self._actors(group)
        keep_logs = True
        try:
            started = await self._started(actors)
            if started.failed:
                return started
            if self.gpus:
                await actors[0].measure.remote(actors[1:], self.gpus * self.nodes)
                self.meters[place] = actors[0]
            self.served = True
            self.urls[place] = started.url
            self.notices.update(dict.fromkeys(started.notices))
            self._tell()
            return Started(failed=await _first([actor.watch.remote() for actor in actors]))
        except asyncio.CancelledError:
            keep_logs = False  # the run is over, and nothing went wrong here that they would explain
            raise
        except RayError as exc:
            return Started(failed=f"its actor died ({str(exc).splitlines()[0][:200]})")
        finally:
            self.meters.pop(place, None)
            # First of all, so that nobody asks there any more.
            if self.urls.pop(place, None):
                self._tell()
            await _end(actors, keep_logs)

    def _actors(self, group: Any) -> list[Any]:
        import ray
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        node_class = ray.remote(num_cpus=self.cpus, num_gpus=self.gpus)(ReplicaNode)
        if self._alone is None:
            self._alone = sum(node["Alive"] for node in ray.nodes()) == 1
        return [
            node_class.options(
                scheduling_strategy=PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=rank)
            ).remote(self.spec, rank, self.nodes, self._alone)
            for rank in range(self.nodes)
        ]

    async def _started(self, actors: Sequence[Any]) -> Started:
        """Rank 0's answer: the others wait for it, and it for them."""
        places: list[NodePlace] = list(await asyncio.gather(*(actor.place.remote() for actor in actors)))
        starts = [actor.start.remote(place, places[0]) for actor, place in zip(actors, places, strict=True)]
        await asyncio.gather(*starts[1:])
        served = asyncio.ensure_future(_value(starts[0]))
        ended = asyncio.ensure_future(_first([actor.watch.remote() for actor in actors[1:]] or [_never()]))
        try:
            await asyncio.wait({served, ended}, return_when=asyncio.FIRST_COMPLETED)
            started: Started = served.result() if served.done() else Started(failed=f"one of its nodes: {await ended}")
            return started
        finally:
            served.cancel()
            ended.cancel()

    async def _change(self) -> None:
        await self._changed.wait()

    def _tell(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()


async def _never() -> None:
    await asyncio.Event().wait()


async def _within(seconds: float, reference: Any) -> bool:
    """Whether a reference's value came in time."""
    waiting = asyncio.ensure_future(_value(reference))
    done, _ = await asyncio.wait({waiting}, timeout=seconds)
    waiting.cancel()
    return bool(done)


async def _value(reference: Any) -> Any:
    return await reference


async def _first(references: Sequence[Any]) -> Any:
    """The result that comes first."""
    waiting = [asyncio.ensure_future(_value(one)) for one in references]
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for one in waiting:
            one.cancel()


async def _end(actors: Sequence[Any], keep_logs: bool) -> None:
    """Ends what the actors run, then the actors: their servers would end with them, less politely."""
    import ray
    from ray.exceptions import RayError

    ends = [asyncio.ensure_future(_value(actor.end.remote(keep_logs))) for actor in actors]
    if ends:
        done, _ = await asyncio.wait(ends, timeout=END_SECONDS)
        for one in done:
            if isinstance(exc := one.exception(), Exception) and not isinstance(exc, RayError):
                raise exc
    for actor in actors:
        ray.kill(actor)
