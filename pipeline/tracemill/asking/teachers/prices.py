"""What a teacher costs, as its user states it: for a dry run, and for the money on the card."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Prices(BaseModel):
    """`input`, `output` and `cached_input` (where it is another price than `input`): of a million tokens. `gpu_hour`:
    of one GPU for an hour. `gpu_tokens_per_second`: completion tokens that one GPU gives in a second with as many calls
    in flight as the config has; a dry run makes hours of GPUs of it.

    None of it changes a reply: a teacher names `prices` among its settings that are `unkeyed`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Price | None = None
    output: Price | None = None
    cached_input: Price | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    gpu_hour: Price | None = None
    gpu_tokens_per_second: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _of_both_kinds_of_tokens(self) -> Prices:
        if (self.input is None) != (self.output is None):
            given, missing = ("input", "output") if self.output is None else ("output", "input")
            raise ValueError(f"a price of {given} without one of {missing}; state both, or 0 for one that is free")
        if self.cached_input is not None and self.input is None:
            raise ValueError("a price of cached_input without one of input; state input and output too")
        return self
