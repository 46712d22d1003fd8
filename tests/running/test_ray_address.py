"""A cluster that is not there is named at once, wherever its address comes from."""

from __future__ import annotations

import socket
import sys
from types import ModuleType

import pytest
from tracemill.running.executors import ray_address
from tracemill.running.executors.on_ray import RayConfig, RayExecutor
from tracemill.running.executors.ray_address import RayAddress, knock, resolve
from tracemill.settings.errors import UsageError


@pytest.mark.parametrize(
    ("configured", "environment", "value", "said_by"),
    [
        (None, None, "local", "executor.address=None"),
        (None, "10.0.0.1:6379", "10.0.0.1:6379", "RAY_ADDRESS='10.0.0.1:6379'"),
        ("auto", "10.0.0.1:6379", "10.0.0.1:6379", "RAY_ADDRESS='10.0.0.1:6379'"),
        ("10.0.0.2:6379", "10.0.0.1:6379", "10.0.0.2:6379", "executor.address='10.0.0.2:6379'"),
        ("auto", None, "10.0.0.3:6379", "executor.address='auto'"),
        (None, "auto", "10.0.0.3:6379", "RAY_ADDRESS='auto'"),
        ("local", "10.0.0.1:6379", "local", "executor.address='local'"),
    ],
)
def test_an_address_is_resolved_as_ray_does(monkeypatch, configured, environment, value, said_by) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray_address, "_running_here", lambda said_by: "10.0.0.3:6379")
    if environment:
        monkeypatch.setenv("RAY_ADDRESS", environment)
    assert resolve(configured) == RayAddress(value, said_by)


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ray://127.0.0.1:{}", "[::1]:{}"])
def test_nothing_that_listens_is_a_usage_error_that_names_the_address(form: str) -> None:
    value = form.format(closed_port())
    with pytest.raises(UsageError) as caught:
        knock(RayAddress(value, "executor.address='auto'"))
    assert f"no Ray cluster answers at executor.address='auto', which is {value}," in str(caught.value)


def test_what_listens_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        knock(RayAddress(f"127.0.0.1:{server.getsockname()[1]}", "executor.address"))
    knock(RayAddress("local", "executor.address=None"))


@pytest.mark.ray
def test_a_stale_address_in_the_environment_ends_a_build_before_anything_is_written(workplace, capsys, monkeypatch):
    from pathlib import Path

    stale = f"127.0.0.1:{closed_port()}"
    monkeypatch.setenv("RAY_ADDRESS", stale)
    assert workplace.build("executor={kind: ray, address: auto}") == 2
    assert f"no Ray cluster answers at RAY_ADDRESS='{stale}' (" in capsys.readouterr().err
    assert not Path(workplace.out).exists()


def test_a_version_of_ray_without_the_functions_that_are_asked_looks_for_itself(monkeypatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    for name in ("ray", "ray._private", "ray._private.services"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    assert resolve("auto") == RayAddress("auto", "executor.address='auto'")
    knock(resolve("auto"))


@pytest.mark.parametrize("raised", [Exception("The current node timed out during startup."), OSError("no space")])
def test_a_ray_that_cannot_be_started_is_no_bug_of_ours(monkeypatch, raised) -> None:
    """Ray raises a bare Exception where the machine is too busy."""
    import ray

    def fails(**_: object) -> None:
        raise raised

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", fails)
    executor = RayExecutor(RayConfig(kind="ray"))
    with pytest.raises(UsageError, match="Ray cannot be started in this process"):
        executor.start()
    executor.close()
