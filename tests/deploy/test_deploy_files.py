"""Each file of `configs/deploy` is read by what it is for, where that is here, and its command adds to a repository."""

from __future__ import annotations

import configparser
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy.deploying import BIN, DEPLOY, begin, environment, run
from hub.server import HubServer
from tracemill.publishing.hub.published_builds import BUILDS
from workplace import Workplace

COMMANDS = ("tracemill build ", "tracemill publish ", "--onto-latest")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HubServer, Workplace]]:
    place = Workplace(tmp_path_factory.mktemp("deploy"))
    with HubServer() as hub:
        begin(hub, place)
        yield hub, place


def builds(hub: HubServer) -> int:
    return len(json.loads(hub.files("me/mine")[BUILDS])["builds"])


def adds(begun: tuple[HubServer, Workplace], command: list[str], **more: str) -> None:
    hub, place = begun
    before = builds(hub)
    run(command, hub, place, **more)
    assert builds(hub) == before + 1


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((DEPLOY / name).read_text())
    return parser


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def container(name: str) -> dict[str, Any]:
    """The one of the RayJob's head, or the CronJob's."""
    found = documents(name)[-1]["spec"]
    if name == "cronjob.yaml":
        return dict(found["jobTemplate"]["spec"]["template"]["spec"]["containers"][0])
    return dict(found["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0])


def test_every_file_runs_the_same_two_commands() -> None:
    for path in sorted(DEPLOY.iterdir()):
        if path.name not in ("nightly.yaml", "tracemill.timer", "cronjob.yaml"):  # what those two start, does
            assert all(command in path.read_text() for command in COMMANDS), path.name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_service_and_timer(tmp_path: Path) -> None:
    for name in ("tracemill.service", "tracemill.timer"):
        shutil.copy(DEPLOY / name, tmp_path)
    for name in ("tracemill.service", "tracemill.timer"):
        checked = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0 and str(tmp_path) not in checked.stderr, checked.stderr
    when = subprocess.run(
        ["systemd-analyze", "calendar", unit("tracemill.timer")["Timer"]["OnCalendar"]],
        capture_output=True,
        check=False,
    )
    assert when.returncode == 0


def test_the_command_of_the_systemd_service_adds_a_build(begun: tuple[HubServer, Workplace]) -> None:
    command = unit("tracemill.service")["Service"]["ExecStart"].replace("%%", "%")
    assert "%" in command and "%h" not in command
    adds(begun, shlex.split(command))
    assert len(list((begun[1].folder / "builds").glob("nightly-20??-??-??"))) == 1


def test_the_step_of_the_github_workflow_adds_a_build(begun: tuple[HubServer, Workplace]) -> None:
    workflow = documents("github_actions.yaml")[0]
    # YAML 1.1 reads the key `on` as true; GitHub reads 1.2.
    assert workflow[True]["schedule"] and workflow["concurrency"]["cancel-in-progress"] is False
    job = workflow["jobs"]["build"]
    [step] = [step for step in job["steps"] if step.get("name") == "Build and publish"]
    assert set(step["env"]) == {"HF_TOKEN"}
    out = job["env"]["TRACEMILL_OUT"].replace("${{ github.run_id }}", "17")
    assert "${{" not in step["run"] + out
    adds(begun, ["bash", "-e", "-c", step["run"]], TRACEMILL_OUT=out)


def test_the_entrypoint_of_the_rayjob_adds_a_build(begun: tuple[HubServer, Workplace], s3_url: str) -> None:
    [job] = documents("rayjob.yaml")
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    told = {one["name"]: one["value"] for one in container("rayjob.yaml")["env"]}
    assert set(told) == {"TRACEMILL_CONFIG", "TRACEMILL_OUT", "TRACEMILL_REPO"}
    assert told["TRACEMILL_OUT"].startswith("s3://")
    # The entrypoint is run by a shell.
    storage = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
    adds(begun, ["bash", "-c", job["spec"]["entrypoint"]], TRACEMILL_OUT=s3_url, **storage)


def test_the_cronjob_makes_a_rayjob_with_a_folder_of_its_own(begun: tuple[HubServer, Workplace]) -> None:
    hub, place = begun
    shutil.copy(DEPLOY / "rayjob.yaml", place.folder)
    stand_in = place.folder / "bin/kubectl"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\n[ "$*" = "create -f -" ] && cat > made.yaml\n')
    stand_in.chmod(0o755)
    shell, flag, script = container("cronjob.yaml")["command"]
    assert (shell, flag) == ("/bin/sh", "-c")
    path = f"{stand_in.parent}:{environment(hub, place)['PATH']}"
    run(["sh", "-c", script.replace("/config/", f"{place.folder}/")], hub, place, PATH=path)
    made = yaml.safe_load((place.folder / "made.yaml").read_text())
    env = made["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0]["env"]
    [out] = [one["value"] for one in env if one["name"] == "TRACEMILL_OUT"]
    assert out.startswith("s3://bucket/builds/nightly-20")
    # What it may do: make RayJobs, and nothing else.
    kinds = {document["kind"]: document for document in documents("cronjob.yaml")}
    assert kinds["Role"]["rules"] == [{"apiGroups": ["ray.io"], "resources": ["rayjobs"], "verbs": ["create"]}]
    assert kinds["CronJob"]["spec"]["concurrencyPolicy"] == "Forbid"


def test_shell_finds_nothing_to_say_about_the_slurm_script() -> None:
    script = str(DEPLOY / "slurm.sh")
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    checked = subprocess.run([str(BIN / "shellcheck"), script], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
