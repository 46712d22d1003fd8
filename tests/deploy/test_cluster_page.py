"""Every block of commands in docs/cluster.md runs: what needs no cluster here, what needs one in `test_cluster.py`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from deploy.deploying import DEPLOY, REPOSITORY, SMALL, nightly, run
from deploy.page import ON_A_CLUSTER, blocks
from hub.server import HubServer
from store.fake_service import FakeService, serving
from tracemill.publishing.hub.published_builds import BUILDS
from workplace import ROOT, Workplace

HERE = {"One node", "Object storage", "Nightly", "systemd", "Slurm", "KubeRay"}


def test_every_block_is_run_by_a_test() -> None:
    assert set(blocks()) == HERE | ON_A_CLUSTER


@pytest.fixture
def service() -> Iterator[FakeService]:
    with serving() as fake:
        yield fake


def small(place: Workplace, command: str) -> str:
    """The block with a small config in place of the quickstart's."""
    config = {**SMALL, "curriculum": str(place.folder / "curriculum.yaml")}
    (place.folder / "small.yaml").write_text(yaml.safe_dump(config))
    return command.replace("build quickstart", f"build {place.folder}/small.yaml")


def shell(block: str, hub: HubServer, place: Workplace, **more: str) -> str:
    return run(["bash", "-e", "-c", block], hub, place, **more)


def stand_ins(place: Workplace, *names: str) -> str:
    """PATH with programs that write what they are asked, a line each, to the file `asked`."""
    folder = place.folder / "bin"
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {place.folder}/asked\n')
        (folder / name).chmod(0o755)
    (place.folder / "configs").symlink_to(ROOT / "configs")
    return f"{folder}:{os.environ['PATH']}"


def asked(place: Workplace) -> list[str]:
    return (place.folder / "asked").read_text().splitlines()


def test_one_node(hub: HubServer, workplace: Workplace) -> None:
    [block] = blocks()["One node"]
    shell(small(workplace, block), hub, workplace)
    assert (workplace.folder / "builds/quickstart/manifest.json").exists()


def test_object_storage(hub: HubServer, workplace: Workplace, s3_url: str, service: FakeService) -> None:
    on_s3, on_google = blocks()["Object storage"]
    storage = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
    block = small(workplace, on_s3).replace("s3://bucket/builds/quickstart", s3_url)
    shell(block, hub, workplace, **storage)
    assert REPOSITORY not in hub.repositories  # a dry run
    google = {"GOOGLE_BASE_URL": service.address, "GOOGLE_BEARER_TOKEN": "test"}
    shell(small(workplace, on_google), hub, workplace, **google)
    assert "builds/quickstart/manifest.json" in service.objects


def test_a_schedule_begins_by_hand(hub: HubServer, workplace: Workplace) -> None:
    [block] = blocks()["Nightly"]
    (workplace.folder / "configs/deploy").mkdir(parents=True)
    nightly(workplace)
    (workplace.folder / "nightly.yaml").rename(workplace.folder / "configs/deploy/nightly.yaml")
    shell(block, hub, workplace)
    assert len(json.loads(hub.files(REPOSITORY)[BUILDS])["builds"]) == 1
    # What is shipped names that repository, as its files do.
    assert yaml.safe_load((DEPLOY / "nightly.yaml").read_text())["incremental"]["previous"] == f"hf://{REPOSITORY}"


def test_systemd(hub: HubServer, workplace: Workplace) -> None:
    [block] = blocks()["systemd"]
    shell(block, hub, workplace, PATH=stand_ins(workplace, "systemctl"), HOME=str(workplace.folder))
    units = workplace.folder / ".config/systemd/user"
    assert sorted(path.name for path in units.iterdir()) == ["tracemill.service", "tracemill.timer"]
    assert asked(workplace)[-1] == "systemctl --user enable --now tracemill.timer"


def test_slurm(hub: HubServer, workplace: Workplace) -> None:
    [block] = blocks()["Slurm"]
    shell(block, hub, workplace, PATH=stand_ins(workplace, "sbatch"))
    [line] = asked(workplace)
    _, exported, script = line.split()
    told = dict(one.split("=") for one in exported.removeprefix("--export=ALL,").split(","))
    text = (ROOT / script).read_text()
    assert set(told) == {"TRACEMILL_CONFIG", "TRACEMILL_OUT", "TRACEMILL_REPO"}
    assert all(f"${{{name}:?" in text for name in told)


def test_kuberay(hub: HubServer, workplace: Workplace) -> None:
    [block] = blocks()["KubeRay"]
    shell(block, hub, workplace, PATH=stand_ins(workplace, "kubectl"))
    words = " ".join(asked(workplace)).split()
    assert all((ROOT / word).is_file() for word in words if word.startswith("configs/"))
    # The names that the manifests ask for.
    manifests = "".join(Path(ROOT, word).read_text() for word in set(words) if word.startswith("configs/"))
    assert "secretRef: {name: tracemill}" in manifests and "configMap: {name: tracemill}" in manifests
