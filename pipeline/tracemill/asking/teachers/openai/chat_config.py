"""What every teacher that is a chat model is configured with, wherever it runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tracemill.asking.effort import Effort, ModelFamily, family_of, rendering
from tracemill.asking.loops import LoopsConfig
from tracemill.asking.teachers.prices import Prices

_Seconds = Annotated[float, Field(gt=0, le=1e6)]

OURS = {"model", "messages", "seed", "stream", "stream_options", "n", "best_of"}
"""Keys of a request that no config sets: one call is one reply, and its seed derives from the call."""

OPENAI_FIXED = frozenset(
    {
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "presence_penalty",
        "frequency_penalty",
        "repetition_penalty",
        "logprobs",
    }
)
"""What OpenAI's reasoning models refuse."""


class ChatBlock(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SamplingConfig(ChatBlock):
    """How the model draws its tokens, under the names of the OpenAI API and of vLLM; null leaves it to the server.
    Whatever else a server takes goes into `extra_body`."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=-1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    stop: str | tuple[str, ...] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    repetition_penalty: Annotated[float, Field(gt=0, le=10)] | None = None
    logprobs: bool | None = None


class ChatConfig(ChatBlock):
    """`model`: its name, as the server knows it. `effort`: how much it is to think (null: nothing is said about it), in
    the words of its `family`, which `auto` reads from the model's name. `extra_body`: further keys of every request.
    `send_seed`: false for a server that refuses `seed`. `deadline_seconds`: the most that one request may take;
    `progress_seconds`: the most between two pieces of a streamed reply while other requests move (null: no limit);
    `retries`: how often a request is made again after that, a lost connection, or a server that is busy or broken.
    `stream`: `auto` streams. `loops`: when a reply is ended that repeats itself (null: never). `prices` are for what is
    reported, and change no reply."""

    model: Annotated[str, Field(min_length=1, max_length=500)]
    sampling: SamplingConfig = SamplingConfig()
    effort: Effort | None = None
    family: ModelFamily | Literal["auto"] = "auto"
    extra_body: dict[str, Any] = Field(default_factory=dict)
    send_seed: bool = True
    deadline_seconds: _Seconds = 1800
    progress_seconds: _Seconds | None = 120
    retries: Annotated[int, Field(ge=0, le=1000)] = 8
    stream: Literal["auto"] | bool = "auto"
    loops: LoopsConfig | None = LoopsConfig()
    prices: Prices | None = None

    @field_validator("extra_body")
    @classmethod
    def _not_ours(cls, given: dict[str, Any]) -> dict[str, Any]:
        for key in given:
            if key in OURS:
                raise ValueError(f"{key!r} is set by tracemill; leave it out")
            if key in SamplingConfig.model_fields:
                raise ValueError(f"{key!r} belongs in `sampling`")
        return given

    @model_validator(mode="after")
    def _possible(self) -> ChatConfig:
        if self.effort:
            rendering(self.known_family, self.model, self.effort)
        if self.known_family == "o_series":
            for name in sorted(OPENAI_FIXED):
                if getattr(self.sampling, name) is not None:
                    raise ValueError(
                        f"{self.model!r} takes no {name!r}; take it out of `sampling`, or name its `family`"
                    )
        return self

    @property
    def streamed(self) -> bool:
        return self.stream is not False

    @property
    def stream_options(self) -> dict[str, Any]:
        """What a streamed request says of the stream; a server of ours may know more than the API's option."""
        return {"include_usage": True}

    @property
    def known_family(self) -> ModelFamily:
        """`family`, or what the model's name says where that is `auto`."""
        return family_of(self.model) if self.family == "auto" else self.family


UNKEYED = frozenset({"prices", "deadline_seconds", "progress_seconds", "retries", "stream"})
"""Settings on which replies do not depend."""
