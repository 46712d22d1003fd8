"""A dataset is imported and built from a Hub on loopback, by the libraries that ask the real one."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub.client import environment_of
from hub.server import HubServer

CARD = (
    b"---\nlicense: cc-by-4.0\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n"
    b"    path: data/*.parquet\n---\n# x\n"
)


def shard(first: int, count: int) -> bytes:
    rows = [
        {
            "problem": f"In marsh number {k} stand {3 * k} herons and {5 * k} land. How many herons are there?",
            "answer": str(8 * k),
            "generations": [f"\\boxed{{{8 * k}}}", "\\boxed{7}"],
            "correctness_math_verify": [True, True],
        }
        for k in range(first, first + count)
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, row_group_size=10)
    return sink.getvalue()


def run(hub: HubServer, folder: Path, *words: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = environment_of(hub, folder / "home", token)
    command = [sys.executable, "-m", "tracemill", *words]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


def test_a_dataset_on_the_hub_is_imported_and_built_at_its_commit(tmp_path: Path) -> None:
    with HubServer() as hub:
        hub.add("me/marsh", {"README.md": CARD, "data/a.parquet": shard(1, 25)})
        commit = hub.add("me/marsh", {"data/b.parquet": shard(26, 5)})
        done = run(hub, tmp_path, "import", "hf://me/marsh", "-o", "marsh.yaml", "--licence", "CC-BY-4.0")
        assert done.returncode == 0, done.stderr
        assert "OpenR1-Math" in done.stdout
        text = (tmp_path / "marsh.yaml").read_text()
        assert f"revision: {commit}" in text and "licence: CC-BY-4.0" in text
        done = run(hub, tmp_path, "build", "marsh.yaml", "--out", "out", "--set", "verify.audit=1")
        assert done.returncode == 0, done.stderr
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert manifest["counts"]["problems"] == 30 and manifest["sources"][0]["revision"] == commit
        assert manifest["label_agreement"]["math_verify"]["refuted"] == {"right": 30}
        assert not list((tmp_path / "home").rglob("*.parquet"))
        hub.add("me/marsh", {"data/c.parquet": shard(31, 5)})
        done = run(hub, tmp_path, "build", "marsh.yaml", "--out", "out", "--set", "sources.0.revision=main")
        assert done.returncode == 2 and commit in done.stderr


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("hf://me/nothing", "there is no dataset 'me/nothing' that may be read"),
        ("hf://me/gated", "the dataset 'me/gated' is gated"),
        ("hf://me/private", "there is no dataset 'me/private' that may be read"),
        ("hf://me/marsh@v9", "has no revision 'v9'"),
        ("hf://me/code", "needs code of its own"),
    ],
)
def test_what_the_hub_does_not_give_is_said(address: str, said: str, tmp_path: Path) -> None:
    with HubServer() as hub:
        files = {"README.md": CARD, "data/a.parquet": shard(1, 2)}
        hub.add("me/marsh", files)
        hub.add("me/gated", files, gated=frozenset({"friend"}))
        hub.add("me/private", files, private=True)
        hub.add("me/code", {"README.md": b"# x", "code.py": b"import datasets"})
        done = run(hub, tmp_path, "import", address)
        assert done.returncode == 2 and said in done.stderr, done.stderr
        assert not (tmp_path / "configs").exists()
