"""A replica over two nodes of a Ray cluster: rank 0 serves, the other computes for it; they live and die together."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from servers.stand_in_fleet import alive, arguments, call, config, helpers, until
from tracemill.asking.energy import READ_SECONDS
from tracemill.asking.teachers.teacher import Reply
from tracemill.asking.teachers.vllm.vllm_teacher import VllmTeacher
from tracemill.running.executors.on_ray import RayConfig, RayExecutor
from workplace import ROOT

pytestmark = pytest.mark.ray


@pytest.fixture(scope="module", autouse=True)
def two_nodes() -> Iterator[None]:
    from ray.cluster_utils import Cluster

    # Ray's workers find the stand-in for NVML before the real one.
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", str(ROOT / "tests/servers/stand_in_nvml"))
    cluster = Cluster()
    for _ in range(2):
        cluster.add_node(num_cpus=1, num_gpus=1, include_dashboard=False)
    patch.undo()
    executor = RayExecutor(RayConfig(kind="ray", address=cluster.address))
    executor.start()
    yield
    executor.close()
    cluster.shutdown()


def test_the_nodes_of_a_replica_find_each_other_and_end_together(tmp_path):
    settings = config(tmp_path, nodes=2, engine={"tensor_parallel_size": 2, "data_parallel_size": 2}, cpus=0.2)
    with VllmTeacher.serve(settings, print):
        # Unlike vLLM's, the stand-in's rank 0 does not wait for the others.
        until(lambda: len(arguments(tmp_path)) == 2)
        head, other = sorted(arguments(tmp_path).values(), key=lambda one: one["node_rank"])
        assert (head["node_rank"], head["headless"]) == (0, False)
        assert (other["node_rank"], other["headless"]) == (1, True)
        for name in ("nnodes", "master_addr", "master_port", "data_parallel_rpc_port", "tensor_parallel_size"):
            assert head[name] == other[name] is not None, name
        first = list(arguments(tmp_path))
        os.kill(rank(tmp_path, 1), signal.SIGKILL)
        until(lambda: len(arguments(tmp_path)) == 4)
        until(lambda: not any(map(alive, first)))
    assert not any(map(alive, [*helpers(tmp_path), *helpers(tmp_path).values()]))


def rank(folder: Any, number: int) -> int:
    """The process of the latest life of that rank."""
    return [pid for pid, given in arguments(folder).items() if given["node_rank"] == number][-1]


def test_calls_get_the_joules_and_seconds_of_the_gpus_of_all_nodes(tmp_path):
    settings = config(tmp_path, nodes=2, gpus=1, cpus=0.2, environment={"STAND_IN_SECONDS": "3"})

    async def measured(teacher: VllmTeacher) -> Reply:
        """On a machine that is too busy to be read twice within three seconds, a later one is."""
        try:
            for number in range(20):
                reply = await teacher.answer(call(number))
                if "gpu_seconds" in reply.metadata:
                    return reply
            raise AssertionError("no call was measured")
        finally:
            await teacher.close()

    with VllmTeacher.serve(settings, print):
        reply = asyncio.run(measured(VllmTeacher(settings)))
    assert reply.seconds is not None and reply.joules is not None
    # Ten tokens of at least five; two nodes that take 50 joules each from reading to reading.
    assert 100 <= reply.joules <= 2 * 100 * reply.seconds / READ_SECONDS
    assert 2 * READ_SECONDS <= reply.metadata["gpu_seconds"] <= 2 * 2 * reply.seconds
