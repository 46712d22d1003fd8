"""A real model behind a real vLLM server that a build starts on Ray: `make test-llm`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from tracemill.asking.teachers.vllm import launch
from tracemill.store.store import Store
from workplace import CONFIG, ROOT, Workplace

pytestmark = pytest.mark.llm
MODEL = ROOT / ".venv-llm/smollm2-135m-instruct"
if find_spec("vllm") is None:
    pytest.skip("vLLM is not installed here; `make test-llm` installs it", allow_module_level=True)

OURS = {
    *("host", "port", "served_model_name", "enable_lora", "lora_modules", "trust_remote_code", "reasoning_parser"),
    *("tool_call_parser", "enable_auto_tool_choice", "nnodes", "node_rank", "master_addr", "master_port", "headless"),
    *("data_parallel_rpc_port", "enable_prefix_caching", "disable_uvicorn_access_log", "tensor_parallel_size"),
    *("pipeline_parallel_size", "data_parallel_size", "prefill_context_parallel_size", "enable_expert_parallel"),
}
"""Arguments that tracemill sets, or reads to know how many GPUs there must be."""


def test_the_folder_holds_the_model_that_the_package_has():
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    for text in ("Hello  world!\n\tdef f(x): return x + 1234", "été, 漢字 and 🙂", "<|im_start|>user\n12,5"):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert tokenizer.tokenize("12") == ["1", "2"]
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    text = (
        "The Eiffel Tower is one of the most famous landmarks in the world, and millions of people visit it every year."
    )
    known = tokenizer(text, return_tensors="pt")
    # 6 or so; where rows of the projections stand in a wrong order it is in the thousands.
    assert torch.exp(model(**known, labels=known["input_ids"]).loss).item() < 20
    talk = [{"role": "user", "content": "What is the capital of France?"}]
    asked = tokenizer.apply_chat_template(talk, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    said = model.generate(**asked, max_new_tokens=12, do_sample=False)
    assert "Paris" in tokenizer.decode(said[0])


def test_the_installed_vllm_knows_what_we_set_and_names_what_is_nearest():
    spec = '{"model": "x", "arguments": {"max_model_length": 8}, "wishes": {"no_such_wish": 1}}'
    refused = subprocess.run([sys.executable, launch.__file__, spec], capture_output=True, text=True, check=False)
    assert refused.returncode == launch.REFUSED, refused.stderr[-2000:]
    assert "has no engine argument 'max_model_length'; did you mean max_model_len" in refused.stdout.splitlines()[-1]
    asks = (
        "import sys; sys.argv = ['x']; "
        "from tracemill.asking.teachers.vllm import launch; launch._name_vllm(); print(*launch._options())"
    )
    known = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout
    assert not OURS - set(known.splitlines()[-1].split())


def placed(workplace: Workplace) -> None:
    teacher = {
        "kind": "vllm",
        "model": str(MODEL),
        "gpus": 0,
        "engine": {
            "max_model_len": 1024,
            "max_num_batched_tokens": 1024,
            "enable_chunked_prefill": False,
            "enforce_eager": True,
        },
        "environment": {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1"},
        "sampling": {"temperature": 0.8, "max_tokens": 64},
        "progress_seconds": 600,
    }
    workplace.config(
        {
            **CONFIG,
            "executor": {"kind": "ray"},
            "sources": [{**CONFIG["sources"][0], "select": ["math.*"], "per_task": 12, "difficulty": [0.0, 0.1]}],
            "teacher": teacher,
            "asking": {"in_flight": 4, "cpus": 0.25},
            "judging": {"workers": 1, "cpus": 0.25},
            "verify": {**CONFIG["verify"], "require": ["answer"]},
            "views": ["sft", "rlvr"],
            "allow_empty": True,
        }
    )


def begun(workplace: Workplace) -> subprocess.Popen[bytes]:
    command = ["build", str(workplace.folder / "config.yaml"), "--out", workplace.out]
    return subprocess.Popen([sys.executable, "-m", "tracemill", *command], cwd=ROOT)


def completions(workplace: Workplace) -> list[dict[str, Any]]:
    """What a kill does not take away."""
    paths = sorted(Path(workplace.out).glob("journal/traces/*.arrow"))
    return [row for path in paths for rows in pl.read_ipc(path).get_column("completions").to_list() for row in rows]


def servers() -> set[int]:
    """The processes of the model's server: each guard that has the model's folder on its command line, and all in the
    session that it leads."""
    guards = {pid for pid in processes() if guards_the_model(pid)}
    return {pid for pid, session in processes().items() if session in guards}


def guards_the_model(pid: int) -> bool:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"guard.py" in line and str(MODEL).encode() in line


def processes() -> dict[int, int]:
    """Every living process with its session."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            found[int(path.parent.name)] = int(fields[3])
    return found


def until(true: Any, build: subprocess.Popen[bytes] | None = None) -> None:
    ends = time.monotonic() + 1800
    while not true():
        assert build is None or build.poll() is None, "the build ended too early"
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.2)


def test_a_build_that_is_killed_leaves_no_server_and_goes_on(workplace):
    placed(workplace)
    before = servers()
    build = begun(workplace)
    until(lambda: len(completions(workplace)) > 2, build)
    # The API server, the engine, a worker, the tracker of shared memory, the guard.
    started = servers() - before
    assert len(started) >= 4
    build.kill()
    build.wait()
    until(lambda: not started & set(processes()))
    kept = {row["id"]: row["turn"] for row in completions(workplace)}
    assert begun(workplace).wait() == 0
    assert not servers() - before
    rows = [
        row
        for part in Store(workplace.out).latest().tables["completions"].parts
        for row in pq.read_table(f"{workplace.out}/{part.path}").to_pylist()
    ]
    assert set(Counter(row["problem_id"] for row in rows).values()) == {2}
    assert {row["finish_reason"] for row in rows} <= {"stop", "length", "loop"}
    assert all(row["completion_tokens"] and row["seconds"] for row in rows)
    after = {row["id"]: row["turn"] for row in rows}
    assert all(after[name]["content"] == turn["content"] for name, turn in kept.items())
