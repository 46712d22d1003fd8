"""Replicas on Ray: they start, say why they cannot, are started again, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.stand_in_fleet import alive, call, config, helpers, requests, until
from tracemill.asking.teachers.teacher import Reply
from tracemill.asking.teachers.vllm.vllm_config import VllmConfig
from tracemill.asking.teachers.vllm.vllm_teacher import VllmTeacher
from tracemill.running.executors.on_ray import RayConfig, RayExecutor
from tracemill.settings.errors import TracemillError, UnusableTeacherError, UsageError

pytestmark = pytest.mark.ray


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[Path]:
    """A Ray of its own, in a folder whose name is short: sockets are among its files."""
    short = tempfile.TemporaryDirectory(prefix="r", ignore_cleanup_errors=True)
    with short as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", folder)
        executor = RayExecutor(RayConfig(kind="ray"))
        executor.start()
        yield Path(folder)
        executor.close()


def logs(cluster: Path) -> set[Path]:
    return set(cluster.glob("tracemill-vllm-*.log"))


def asked(teacher: VllmTeacher, count: int, begin: int = 0) -> list[Reply | BaseException]:
    """The replies to so many calls that are under way together."""

    async def main() -> list[Reply | BaseException]:
        try:
            calls = [teacher.answer(call(number)) for number in range(begin, begin + count)]
            return await asyncio.gather(*calls, return_exceptions=True)
        finally:
            await teacher.close()

    return asyncio.run(main())


def gone(folder) -> bool:
    return not any(map(alive, [*helpers(folder), *helpers(folder).values()]))


def refused(settings: VllmConfig) -> str:
    with pytest.raises(UsageError) as caught, VllmTeacher.serve(settings, print):
        pass
    return str(caught.value)


def test_replicas_share_the_requests_and_end_with_the_run_and_so_do_their_logs(tmp_path, cluster):
    said: list[str] = []
    before = logs(cluster)
    settings = config(tmp_path, replicas=2, environment={"STAND_IN_SECONDS": "0.2"})
    with VllmTeacher.serve(settings, said.append):
        replies = asked(VllmTeacher(settings), 40)
        assert [reply.turn.content for reply in replies if isinstance(reply, Reply)] == [replies[0].turn.content] * 40
        assert {reply.metadata["endpoint"] for reply in replies} == {0, 1}
        assert replies[0].metadata["model"] == "org/tiny"
        assert replies[0].joules is None and "gpu_seconds" not in replies[0].metadata  # without a GPU
        assert len(logs(cluster) - before) == 2
    assert said == ["starting 2 replicas of org/tiny, each on a node with CPUs: 0.1"]
    assert len(helpers(tmp_path)) == 2
    assert gone(tmp_path)
    assert logs(cluster) == before


def test_an_engine_argument_that_vllm_does_not_know_is_refused_with_the_nearest(tmp_path):
    text = refused(config(tmp_path, engine={"max_model_length": 100}))
    assert "vLLM 0.0.stand.in has no engine argument 'max_model_length'; did you mean max_model_len" in text
    assert not helpers(tmp_path)


def test_a_model_without_a_chat_template_is_refused(tmp_path):
    text = refused(config(tmp_path, environment={"STAND_IN_TEMPLATE": "none"}))
    assert "has no chat template" in text and "engine.chat_template" in text
    assert gone(tmp_path)


def test_a_context_too_short_for_the_reply_is_refused(tmp_path):
    text = refused(config(tmp_path, engine={"max_model_len": 512}, sampling={"max_tokens": 512}))
    assert "max_tokens=512" in text and "room for 512 tokens" in text


def test_a_template_that_drops_the_thoughts_of_earlier_turns_is_named(tmp_path):
    for template, dropped in (("drops", True), ("keeps", False)):
        said: list[str] = []
        with VllmTeacher.serve(config(tmp_path, environment={"STAND_IN_TEMPLATE": template}), said.append):
            assert any("drops the reasoning of earlier turns" in line for line in said) is dropped


def test_a_server_that_cannot_start_is_told_with_the_end_of_its_log_which_stays(tmp_path, cluster):
    fails = tmp_path / "fails"
    fails.touch()
    settings = config(tmp_path, environment={"STAND_IN_FAILS": str(fails)})
    with pytest.raises(TracemillError, match="it ended with status 1") as caught, VllmTeacher.serve(settings, print):
        pass
    assert "status 1: RuntimeError: the engine could not be started\nits log, " in str(caught.value)
    named = re.search(r"its log, (\S+) on ", str(caught.value))
    # Not in the folder of the workers' own files, which goes with the run.
    assert named and Path(named[1]) in logs(cluster)


def test_an_adapter_is_asked_instead_of_the_bare_model(tmp_path):
    settings = config(tmp_path, lora={"mathematician": "/data/adapter"})
    with VllmTeacher.serve(settings, print):
        [reply] = asked(VllmTeacher(settings), 1)
    assert reply.metadata["model"] == "mathematician"


def test_a_killed_server_is_started_again_and_its_requests_go_elsewhere(tmp_path):
    settings = config(tmp_path, replicas=2, environment={"STAND_IN_SECONDS": "1"})
    with VllmTeacher.serve(settings, print):
        first = next(iter(helpers(tmp_path)))
        kills(tmp_path, first, settings)
        until(lambda: len(helpers(tmp_path)) == 3)
        assert not alive(helpers(tmp_path)[first])
    assert gone(tmp_path)


def kills(folder, pid: int, settings: VllmConfig) -> None:
    """Kills a server under twenty requests, which all get their replies."""

    async def main() -> None:
        teacher = VllmTeacher(settings)
        try:
            calls = [asyncio.create_task(teacher.answer(call(number))) for number in range(20)]
            await asyncio.to_thread(until, lambda: len(requests(folder)) >= 20)
            os.kill(pid, signal.SIGKILL)
            assert all(reply.finish_reason == "stop" for reply in await asyncio.gather(*calls))
        finally:
            await teacher.close()

    asyncio.run(main())


def test_a_stuck_server_is_started_again(tmp_path):
    stuck = tmp_path / "stuck"
    settings = config(tmp_path, progress_seconds=2, environment={"STAND_IN_STUCK": str(stuck)})

    async def main() -> None:
        teacher = VllmTeacher(settings)
        try:
            stuck.touch()
            waiting = asyncio.create_task(teacher.answer(call(1)))
            await asyncio.to_thread(until, lambda: len(helpers(tmp_path)) == 2)
            stuck.unlink()
            assert (await waiting).finish_reason == "stop"
        finally:
            await teacher.close()

    with VllmTeacher.serve(settings, print):
        asyncio.run(main())


def test_a_replica_that_cannot_live_is_given_up_and_then_the_run_ends(tmp_path):
    fails = tmp_path / "fails"
    settings = config(tmp_path, restarts=2, environment={"STAND_IN_FAILS": str(fails), "STAND_IN_SECONDS": "5"})

    async def main() -> None:
        teacher = VllmTeacher(settings)
        try:
            waiting = asyncio.create_task(teacher.answer(call(1)))
            await asyncio.to_thread(until, lambda: len(requests(tmp_path)) == 2)
            fails.touch()
            os.kill(next(iter(helpers(tmp_path))), signal.SIGKILL)
            with pytest.raises(UnusableTeacherError, match=r"ended 3 times, the last time so: it ended with status 1"):
                await waiting
        finally:
            await teacher.close()

    with VllmTeacher.serve(settings, print):
        asyncio.run(main())
