"""The config of the `vllm` teacher."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from tracemill.asking.asking_config import ServersReserve
from tracemill.asking.teachers.openai.chat_config import UNKEYED, ChatConfig
from tracemill.settings.errors import UsageError

SPEED = frozenset(
    {
        *("tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size", "enable_expert_parallel"),
        *("data_parallel_backend", "distributed_executor_backend", "all2all_backend", "enable_eplb", "eplb_config"),
        *("prefill_context_parallel_size", "decode_context_parallel_size", "disable_custom_all_reduce"),
        *("gpu_memory_utilization", "kv_cache_memory_bytes", "swap_space", "cpu_offload_gb", "block_size"),
        *("max_num_seqs", "max_num_batched_tokens", "enable_chunked_prefill", "async_scheduling"),
        *("enable_prefix_caching", "enforce_eager", "compilation_config", "download_dir"),
        *("max_parallel_loading_workers", "stream_interval", "api_server_count", "uvicorn_log_level"),
    }
)
"""Arguments of vLLM that say where and how fast it computes, not what: a build goes on when they change."""

_OURS = {
    **dict.fromkeys(("model", "served_model_name"), "teacher.model"),
    **dict.fromkeys(("enable_lora", "lora_modules"), "teacher.lora"),
    **dict.fromkeys(("trust_remote_code", "reasoning_parser", "tool_call_parser"), "the teacher's key of that name"),
    "enable_auto_tool_choice": "teacher.tool_call_parser",
    **dict.fromkeys(("nnodes", "node_rank", "master_addr", "master_port", "headless"), "teacher.nodes"),
    **dict.fromkeys(("host", "port", "uds", "api_key", "config"), "nothing: tracemill sets it"),
}
"""Arguments that the engine block does not take, with what sets them."""

PARALLEL = (*("tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size", "prefill_context_parallel_size"),)


QUICKSTART = (
    "The folder of the config quickstart_llm is made in a checkout of tracemill, by `make quickstart-llm`; without "
    "one, add --set teacher.model=HuggingFaceTB/SmolLM2-135M-Instruct --set teacher.environment.HF_HUB_OFFLINE='\"0\"'"
)


class VllmConfig(ChatConfig):
    """`model`: a name on the Hub or a folder that every node has. `replicas` of it run, each on `nodes` machines and
    reserving there `cpus` and `gpus` (null: what the parallel sizes in `engine` come to; 0: vLLM's CPU engine).

    `engine`: any argument of `vllm serve`, named as in `max_model_len`, checked against the vLLM that is installed.
    `lora`: one adapter, `{name: path}`, which is asked instead of the bare model. `trust_remote_code`: runs code that
    comes with the model. `environment`: variables of the server's processes; `python`: the interpreter that has vLLM,
    where that is not the one that Ray runs in.

    `start_seconds`: the most that loading may take. `restarts`: how often a replica that died, or that has requests and
    makes no token for `progress_seconds`, is started again in one run.
    """

    kind: Literal["vllm"]
    replicas: Annotated[int, Field(ge=1, le=10_000)] = 1
    nodes: Annotated[int, Field(ge=1, le=1_000)] = 1
    cpus: Annotated[float, Field(ge=0.01, le=1_000)] = 1
    gpus: Annotated[int, Field(ge=0, le=1_000)] | None = None
    engine: dict[str, Any] = Field(default_factory=dict)
    lora: dict[str, str] = Field(default_factory=dict, max_length=1)
    reasoning_parser: str | None = None
    tool_call_parser: str | None = None
    trust_remote_code: bool = False
    environment: dict[str, str] = Field(default_factory=dict)
    python: str | None = None
    start_seconds: Annotated[float, Field(gt=0, le=86_400)] = 1800
    restarts: Annotated[int, Field(ge=0, le=10_000)] = 10

    @field_validator("engine")
    @classmethod
    def _not_ours(cls, given: dict[str, Any]) -> dict[str, Any]:
        for name in given:
            if "-" in name:
                raise ValueError(f"{name!r}: write it with underscores, {name.replace('-', '_')!r}")
            if name in _OURS:
                raise ValueError(f"{name!r} does not belong here; it is set by {_OURS[name]}")
        for name in PARALLEL:
            size = given.get(name, 1)
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise ValueError(f"{name}={size!r} is no whole number from 1 on")
        return given

    @model_validator(mode="after")
    def _divisible(self) -> VllmConfig:
        if self.gpus is None and self.world_size % self.nodes:
            raise ValueError(
                f"{self.world_size} GPUs of a replica ({self.told_sizes}) cannot be shared by nodes={self.nodes}; set "
                "nodes to a divisor of that"
            )
        return self

    @property
    def world_size(self) -> int:
        """Processes that compute in one replica: the product of its parallel sizes."""
        return prod(self.engine.get(name, 1) for name in PARALLEL)

    @property
    def told_sizes(self) -> str:
        """Where the world size comes from: `tensor_parallel_size 8 × data_parallel_size 2`."""
        sizes = [f"{name} {self.engine[name]}" for name in PARALLEL if self.engine.get(name, 1) > 1]
        return " × ".join(sizes) or "no parallel sizes"

    @property
    def gpus_each(self) -> int:
        """The GPUs that a replica takes on each of its nodes."""
        return self.world_size // self.nodes if self.gpus is None else self.gpus

    @property
    def reserves(self) -> ServersReserve:
        return ServersReserve(self.replicas * self.nodes, self.replicas, self.cpus, self.gpus_each, self.told_sizes)

    def found_model(self) -> str:
        """The model for servers that may run in another working directory: a folder by its absolute path.

        Raises:
            UsageError: a relative path leads nowhere from here. One that is absolute may be there on the nodes alone.
        """
        if not _is_folder(self.model):
            return self.model
        path = Path(self.model).expanduser()
        if not path.is_absolute() and not path.exists():
            raise UsageError(
                f"no model folder at teacher.model={self.model!r}, seen from {Path.cwd()}; correct the path, or name a "
                f"model on the Hub. {QUICKSTART}"
            )
        return str(path.resolve())

    @property
    def asked_model(self) -> str:
        """What requests ask for: the adapter, or the model."""
        return next(iter(self.lora), model_name(self.model))


def model_name(model: str) -> str:
    """The model's name; of a folder only its own is given away: `tiny` of `/home/me/models/tiny`."""
    return model.rstrip("/").rpartition("/")[2] if _is_folder(model) else model


def _is_folder(model: str) -> bool:
    """Whether it is a path, and no name on the Hub."""
    return model.startswith(("/", ".", "~")) or model.count("/") > 1


PLACING = frozenset({"replicas", "nodes", "cpus", "gpus", "environment", "python", "start_seconds", "restarts"})
"""Settings that say where a model runs, on which its replies do not depend."""
UNKEYED_VLLM = UNKEYED | PLACING | {f"engine.{name}" for name in SPEED}
