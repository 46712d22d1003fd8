"""Fixtures for every test: a folder to build in, a finished build, and an S3 server on loopback."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.client import ask
from hub.server import HubServer
from workplace import ROOT, Workplace

BUCKET = "builds"
# Before any test imports the tasks that read them: a cut of the databases, small, and there without a package.
os.environ["TRACEMILL_METAMATH"] = str(ROOT / "tests/data/metamath")
_counter = itertools.count()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A prefix of its own in a bucket on loopback."""
    import boto3

    for name, value in {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    return f"s3://{BUCKET}/build-{next(_counter)}"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A stand-in Hub that `huggingface_hub` in this process asks, with a token that may write."""
    with HubServer() as server:
        ask(server, monkeypatch, tmp_path / "hub-home")
        yield server


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A finished build that tests only read."""
    place = Workplace(tmp_path_factory.mktemp("finished"))
    assert place.build() == 0
    return place


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that start a Ray runtime come first, since they take longest: where several processes run the tests of a
    file each (`make test`), the short ones are left for the end, and no process waits long for the last."""
    items.sort(key=lambda item: item.get_closest_marker("ray") is None)
