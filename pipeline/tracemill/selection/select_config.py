"""The `select:` block of a config."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Benchmark(_Block):
    """A file of benchmark items. `field` names the one with the question, dotted where it is nested
    (`extra.question`); a `txt` file has one item per line and no field."""

    path: str
    format: Literal["jsonl", "parquet", "txt"]
    field: str = ""

    @model_validator(mode="after")
    def _field_fits_format(self) -> Benchmark:
        if (self.format == "txt") == bool(self.field):
            wants = "no `field`" if self.format == "txt" else "a `field`: the name of the one that holds the question"
            raise ValueError(f"benchmark {self.path!r} of format {self.format!r} needs {wants}")
        return self


class Decontaminate(_Block):
    """`ngram`: how many words in a row, shared with a benchmark item, make a problem contaminated."""

    benchmarks: tuple[Benchmark, ...] = ()
    ngram: Annotated[int, Field(ge=8, le=50)] = 13


class MinHash(_Block):
    """`threshold`: the estimated Jaccard similarity of token `shingle`s from which two texts are duplicates."""

    threshold: Annotated[float, Field(ge=0.5, le=1)] = 0.8
    shingle: Annotated[int, Field(ge=1, le=20)] = 5


class Dedup(_Block):
    """`same_question`: what becomes of problems that ask exactly the same, with the same answer: `reject` all but one,
    or `keep` all, for data of which each row is one solution of a problem that stands in several."""

    minhash: MinHash = MinHash()
    same_question: Literal["reject", "keep"] = "reject"


class Quality(_Block):
    """`loop_share`: the share of a text's 16-grams that occur four times or more, from which it is looping.
    `other_script_share`: the share of letters outside the text's main script from which its language is mixed."""

    loop_share: Share = 0.3
    other_script_share: Share = 0.1


class VarietyConfig(_Block):
    """The collapse alarm: the least share of different token pairs, and the most that the texts may compress."""

    min_distinct_2: Share = 0.005
    max_compression: Annotated[float, Field(gt=1)] = 20.0


class SelectConfig(_Block):
    """`conflicts`: what becomes of problems that ask the same and have contradictory answers: `reject` all, or `keep`
    all."""

    decontaminate: Decontaminate = Decontaminate()
    conflicts: Literal["reject", "keep"] = "reject"
    dedup: Dedup = Dedup()
    quality: Quality = Quality()
    variety: VarietyConfig = VarietyConfig()
