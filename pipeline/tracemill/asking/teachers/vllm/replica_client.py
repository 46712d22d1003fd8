"""Asks the replicas of a run, wherever the fleet says that they are at the moment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tracemill.asking.energy import EnergyReadings
from tracemill.asking.teachers.openai.api_key import Key
from tracemill.asking.teachers.openai.chat_client import ChatClient, ClientConfig, Exchange
from tracemill.asking.teachers.openai.endpoints import Endpoint
from tracemill.asking.teachers.vllm.fleet import Addresses
from tracemill.settings.errors import UnusableTeacherError


class ReplicaClient(ChatClient):
    """A client without addresses of its own: it follows the fleet's, from the first request on."""

    def __init__(self, config: ClientConfig, fleet: str) -> None:
        super().__init__(config)
        self._fleet = fleet
        self._following: asyncio.Task[None] | None = None
        self._readings: dict[str, EnergyReadings] = {}
        self._metering: dict[str, asyncio.Task[None]] = {}
        self._lost: Exception | None = None
        self._changed = asyncio.Event()

    def proxy_of(self, endpoint: Endpoint) -> Mapping[str, Any]:
        """Replicas are reached within the cluster."""
        return {}

    async def request(self, endpoint: Endpoint, data: bytes) -> Exchange:
        readings = self._readings.get(endpoint.url, EnergyReadings())
        began = readings.coming
        exchange = await super().request(endpoint, data)
        exchange.price = readings.since(began)
        return exchange

    async def _ready(self, prompt: bytes) -> Endpoint:
        await self.reach()
        return await super()._ready(prompt)

    async def reach(self) -> None:
        """Returns when there is a replica.

        Raises:
            UnusableTeacherError: there will be none.
        """
        if self._following is None:
            self._following = asyncio.create_task(self._follow())
        while not self.endpoints.all:
            if self._lost is not None:
                raise self._lost
            await self._changed.wait()

    async def _follow(self) -> None:
        from ray.exceptions import RayError

        try:
            await self._take_addresses()
        except (RayError, ValueError) as exc:
            # A ValueError is how Ray says that there is no such actor.
            why = str(exc).splitlines()[0][:200]
            self._lose(f"the actor that looks after the teacher's replicas is gone ({why}); run the build again")

    async def _take_addresses(self) -> None:
        import ray

        fleet: Any = await asyncio.to_thread(ray.get_actor, self._fleet)
        self.config = replace(self.config, key=Key("VLLM_API_KEY", await fleet.key.remote()))
        known = -1
        while self._lost is None:
            found: Addresses = await fleet.addresses.remote(known)
            known = found.version
            self._take(found)

    def _take(self, found: Addresses) -> None:
        """An endpoint whose address stays keeps what is known of it."""
        before = {one.url: one for one in self.endpoints.all}
        self.endpoints.all = [before.get(url) or Endpoint(place, url) for place, url in sorted(found.urls.items())]
        self._meter({url: found.meters[place] for place, url in found.urls.items() if place in found.meters})
        if found.lost:
            self._lose(f"the teacher has no replica left: {found.lost}\nWhat was answered is kept; run the build again")
        self._tell()

    def _meter(self, meters: Mapping[str, Any]) -> None:
        """Follows these, and no other ones."""
        for url in [one for one in self._metering if one not in meters]:
            self._metering.pop(url).cancel()
            del self._readings[url]
        for url in meters:
            if url not in self._metering:
                self._readings[url] = EnergyReadings()
                self._metering[url] = asyncio.create_task(_read(meters[url], self._readings[url]))

    def _lose(self, why: str) -> None:
        self._lost = UnusableTeacherError(why)
        self.endpoints.all = []
        self._meter({})
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
        self._meter({})
        await super().close()


async def _read(meter: Any, readings: EnergyReadings) -> None:
    """As long as the actor lives; the fleet says soon that it does not."""
    from ray.exceptions import RayError

    with suppress(RayError):
        while True:
            reading = await meter.reading.remote()
            if reading is not None:
                readings.take(reading)
