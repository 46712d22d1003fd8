"""What a `vllm` teacher's config takes, what it comes to in GPUs, and what it says to vLLM."""

from __future__ import annotations

import argparse
import re
from typing import Any

import pytest
from pydantic import ValidationError
from tracemill.asking.teachers.vllm.launch import command_line
from tracemill.asking.teachers.vllm.server_checks import metrics_of
from tracemill.asking.teachers.vllm.vllm_config import SPEED, VllmConfig
from tracemill.asking.teachers.vllm.vllm_teacher import VllmTeacher, server_spec
from tracemill.settings.errors import UsageError


def made(**more: Any) -> VllmConfig:
    return VllmConfig.model_validate({"kind": "vllm", "model": "org/tiny", **more})


@pytest.mark.parametrize(
    ("settings", "nodes", "each"),
    [
        ({}, 1, 1),
        ({"gpus": 0}, 1, 0),
        ({"replicas": 3, "engine": {"tensor_parallel_size": 4}}, 3, 4),
        ({"nodes": 2, "engine": {"tensor_parallel_size": 8, "data_parallel_size": 2}}, 2, 8),
        ({"replicas": 2, "nodes": 4, "engine": {"tensor_parallel_size": 8, "pipeline_parallel_size": 2}}, 8, 4),
    ],
)
def test_what_replicas_reserve_follows_from_their_parallel_sizes(settings, nodes, each):
    reserves = made(**settings).reserves
    assert (reserves.nodes, reserves.gpus) == (nodes, each)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"engine": {"max-model-len": 8}}, "write it with underscores, 'max_model_len'"),
        ({"engine": {"port": 8000}}, "'port' does not belong here"),
        ({"engine": {"trust_remote_code": True}}, "the teacher's key of that name"),
        ({"engine": {"lora_modules": ["a=b"]}}, "it is set by teacher.lora"),
        ({"engine": {"tensor_parallel_size": "two"}}, "no whole number from 1 on"),
        ({"engine": {"tensor_parallel_size": 3}, "nodes": 2}, "3 GPUs of a replica (tensor_parallel_size 3)"),
        ({"lora": {"a": "/a", "b": "/b"}}, "at most 1"),
        ({"replicas": 0}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused_with_the_fix(settings, text):
    with pytest.raises(ValidationError, match=re.escape(text)):
        made(**settings)


def test_requests_name_a_folder_by_its_own_name_alone():
    assert made(model="/data/models/r1-distill").asked_model == "r1-distill"
    assert made(model="./models/mine/").asked_model == "mine"
    assert made(model="Qwen/Qwen3-8B").asked_model == "Qwen/Qwen3-8B"
    assert made(lora={"tuned": "/data/tuned"}).asked_model == "tuned"


def test_a_folder_is_named_to_the_nodes_by_its_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no model folder at teacher\.model='\./tiny'"):
        server_spec(made(model="./tiny"))
    (tmp_path / "tiny").mkdir()
    assert server_spec(made(model="./tiny")).model == str(tmp_path / "tiny")


def test_code_that_comes_with_a_model_is_run_only_when_the_config_says_so():
    assert "trust_remote_code" not in server_spec(made()).arguments
    assert server_spec(made(trust_remote_code=True)).arguments["trust_remote_code"] is True


def test_parsers_and_adapters_become_arguments():
    arguments = server_spec(
        made(reasoning_parser="qwen3", tool_call_parser="hermes", lora={"tuned": "/data/tuned"})
    ).arguments
    assert arguments == {
        "served_model_name": "org/tiny",
        "enable_lora": True,
        "lora_modules": ["tuned=/data/tuned"],
        "reasoning_parser": "qwen3",
        "tool_call_parser": "hermes",
        "enable_auto_tool_choice": True,
    }


def test_the_name_of_the_model_says_its_family_also_where_an_adapter_is_asked():
    teacher = VllmTeacher(made(model="Qwen/Qwen3-8B", lora={"tuned": "/data/tuned"}, effort="off"))
    assert (teacher.config.model, teacher.config.family) == ("tuned", "qwen3")


def test_completions_are_found_again_when_only_the_place_or_the_speed_changes():
    before = VllmTeacher(made()).fingerprint
    moved = made(replicas=8, nodes=2, cpus=4, engine={"tensor_parallel_size": 2, "max_num_seqs": 8}, start_seconds=5)
    assert VllmTeacher(moved).fingerprint == before
    quantised = ({"engine": {"quantization": "fp8"}}, {"engine": {"load_format": "bitsandbytes"}})
    for other in (*quantised, {"trust_remote_code": True}, {"sampling": {"top_k": 3}}):
        assert VllmTeacher(made(**other)).fingerprint != before
    assert not {"dtype", "quantization", "max_model_len", "seed"} & SPEED


def test_arguments_are_written_as_vllm_reads_them():
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-model-len", type=int)
    parser.add_argument("--enforce-eager", action=argparse.BooleanOptionalAction)
    parser.add_argument("--headless", action="store_true")
    parser.add_argument("--lora-modules", nargs="+")
    parser.add_argument("--speculative-config")
    options = {one.dest: one for one in parser._actions}
    given = {
        "max_model_len": 8192,
        "enforce_eager": False,
        "headless": False,
        "lora_modules": ["a=/a", "b=/b"],
        "speculative_config": {"method": "ngram"},
    }
    line = list(command_line(given, options))
    assert line == [
        "--max-model-len=8192",
        "--no-enforce-eager",
        "--lora-modules",
        "a=/a",
        "b=/b",
        '--speculative-config={"method": "ngram"}',
    ]
    assert list(command_line({"enforce_eager": True, "max_model_len": None}, options)) == ["--enforce-eager"]


def test_counters_are_summed_over_engines():
    text = (
        "# TYPE vllm:generation_tokens counter\n"
        'vllm:generation_tokens_total{engine="0",model_name="a"} 14.0\n'
        'vllm:generation_tokens_total{engine="1",model_name="a"} 1e3\n'
        'vllm:num_requests_running{engine="0"} 2.0\nprocess_open_fds 3.0\n'
    )
    assert metrics_of(text) == {"generation_tokens_total": 1014.0, "num_requests_running": 2.0}
