"""The teacher that is a model which the run serves itself, by vLLM on a Ray cluster."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from tracemill.asking.teachers.openai.chat_config import UNKEYED
from tracemill.asking.teachers.openai.endpoint_check import check_endpoints
from tracemill.asking.teachers.openai.openai_teacher import VERSION, ChatTeacher
from tracemill.asking.teachers.vllm.fleet import Fleet, Ready
from tracemill.asking.teachers.vllm.replica_client import ReplicaClient
from tracemill.asking.teachers.vllm.replica_node import ServerSpec
from tracemill.asking.teachers.vllm.vllm_config import PLACING, SPEED, UNKEYED_VLLM, VllmConfig
from tracemill.records import fingerprint
from tracemill.settings.errors import TracemillError, UsageError

CLOSE_SECONDS = 60.0
_WISHES = {"enable_prefix_caching": True, "disable_uvicorn_access_log": True}


class VllmTeacher(ChatTeacher):
    """Reaches the replicas that `serve` started; so it must be made in a process of that Ray job."""

    Config = VllmConfig
    unkeyed: ClassVar[frozenset[str]] = UNKEYED_VLLM

    def __init__(self, config: VllmConfig) -> None:
        super().__init__(_as_asked(config), ())
        self._served = config
        self.client = ReplicaClient(self.client.config, _fleet_name(config))

    @property
    def fingerprint(self) -> str:
        depends = self.config.model_dump(exclude={"kind", *UNKEYED, *PLACING})
        depends["engine"] = {name: value for name, value in depends["engine"].items() if name not in SPEED}
        return fingerprint("vllm", VERSION, depends)

    async def check(self) -> None:
        """Whether the model can be asked is found out when it is served; here only what would end before that.

        Raises:
            UsageError: its folder is not there.
        """
        self._served.found_model()

    @staticmethod
    @contextmanager
    def serve(config: VllmConfig, say: Callable[[str], None]) -> Iterator[None]:
        """Within, the replicas are there; Ray must have been reached before.

        Raises:
            UsageError: the config asks for what the installed vLLM or the model cannot do.
            TracemillError: no replica could be started.
        """
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
        fleet_class = ray.remote(num_cpus=0)(Fleet)
        fleet = fleet_class.options(name=_fleet_name(config), scheduling_strategy=here).remote(
            server_spec(config), config.replicas, config.nodes, config.cpus, config.gpus_each, config.restarts
        )
        try:
            say(f"starting {_told(config)}")
            _refuse_failed(config, ray.get(fleet.ready.remote()), say)
            asyncio.run(_ask_something(config))
            yield
        finally:
            _close(fleet)


def _as_asked(config: VllmConfig) -> VllmConfig:
    """The config with the name that requests use; the family is that of the model itself."""
    return config.model_copy(update={"model": config.asked_model, "family": config.known_family})


async def _ask_something(config: VllmConfig) -> None:
    """Raises: UsageError: a replica refuses a first tiny request."""
    client = VllmTeacher(config).client
    assert isinstance(client, ReplicaClient)
    try:
        await client.reach()
        await check_endpoints(client, _as_asked(config))
    finally:
        await client.close()


def _refuse_failed(config: VllmConfig, ready: Ready, say: Callable[[str], None]) -> None:
    if ready.failed:
        raise (UsageError if ready.final else TracemillError)(
            f"the teacher {config.model} cannot be asked: {ready.failed}"
        )
    for notice in ready.notices:
        say(notice)


def _close(fleet: Any) -> None:
    import ray
    from ray.exceptions import GetTimeoutError, RayError

    if not ray.is_initialized():
        return
    with suppress(RayError, GetTimeoutError):  # what it started ends with it
        ray.get(fleet.close.remote(), timeout=CLOSE_SECONDS)
    ray.kill(fleet)


def _told(config: VllmConfig) -> str:
    """`2 replicas of org/tiny, each on 2 nodes with GPUs: 8`."""
    many = (
        f"{config.replicas} replicas of {config.model}, each" if config.replicas > 1 else f"a replica of {config.model}"
    )
    place = f"{config.nodes} nodes" if config.nodes > 1 else "a node"
    what = f"GPUs: {config.gpus_each}" if config.gpus_each else f"CPUs: {config.cpus:g}"
    return f"{many} on {place} with {what}"


def _fleet_name(config: VllmConfig) -> str:
    return f"tracemill-fleet-{fingerprint(config.model_dump(mode='json'), digits=12)}"


def server_spec(config: VllmConfig) -> ServerSpec:
    arguments: dict[str, Any] = {**config.engine, "served_model_name": config.asked_model}
    if config.lora:
        arguments["served_model_name"] = config.model
        arguments |= {"enable_lora": True, "lora_modules": [f"{name}={path}" for name, path in config.lora.items()]}
    if config.trust_remote_code:
        arguments["trust_remote_code"] = True
    if config.reasoning_parser is not None:
        arguments["reasoning_parser"] = config.reasoning_parser
    if config.tool_call_parser is not None:
        arguments |= {"tool_call_parser": config.tool_call_parser, "enable_auto_tool_choice": True}
    return ServerSpec(
        model=config.found_model(),
        asked_model=config.asked_model,
        arguments=arguments,
        wishes=_WISHES,
        environment=config.environment,
        python=config.python,
        key=secrets.token_hex(16),
        longest=config.sampling.max_tokens,
        start_seconds=config.start_seconds,
        progress_seconds=config.progress_seconds,
    )
