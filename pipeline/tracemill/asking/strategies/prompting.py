"""How a problem is put to a teacher: a system text, worked examples, a template. Part of every strategy's config."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from tracemill.asking.effort import Effort
from tracemill.records import Payload, Problem
from tracemill.settings.errors import UsageError
from tracemill.settings.shipped import path_of

QUESTION = "{question}"


class Example(BaseModel):
    """A worked example: a turn of the user, and one of the assistant, `reasoning`, a blank line, `answer`. The
    reasoning stands in the open, for chat templates leave the thoughts of earlier turns out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    answer: str
    reasoning: str = ""


def _read_examples(given: Any) -> Any:
    """The examples of a file (YAML, or JSON lines) in place of its path or of its name among the shipped ones: what a
    build rests on stands in its config."""
    if not isinstance(given, str):
        return given
    try:
        path = path_of("examples", given)
        text = Path(path).read_text(encoding="utf-8")
        if path.endswith(".jsonl"):
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        found = yaml.safe_load(text)
    except UsageError as exc:
        raise ValueError(str(exc)) from exc
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as exc:
        raise ValueError(f"{given} cannot be read as examples ({type(exc).__name__}: {str(exc)[:200]})") from exc
    if not isinstance(found, list):
        raise ValueError(f"{given} is no list of examples, each with question, answer and, if it has one, reasoning")
    return found


class PromptConfig(BaseModel):
    """`system` stands before the problem's own system text, a blank line between. `examples` are turns before the
    problem: a list, the path of a YAML or JSONL file with one, or the name of a shipped one (`word_problems`).
    `template` is the user's turn, for the examples too, with the problem's text in place of `{question}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str = ""
    examples: Annotated[
        tuple[Example, ...], BeforeValidator(_read_examples, json_schema_input_type=tuple[Example, ...] | str)
    ] = ()
    template: Annotated[str, StringConstraints(pattern=r"\{question\}")] = QUESTION


class PromptedConfig(BaseModel):
    """What the config of every strategy has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: PromptConfig = PromptConfig()


class SampledConfig(PromptedConfig):
    """Of strategies that ask for so many independent samples of each problem. `efforts`: each sample is asked for at
    each of them, so that there are `samples` times as many as efforts; empty: at what the teacher's config says."""

    samples: int = Field(default=1, ge=1, le=10_000)
    efforts: tuple[Effort, ...] = ()

    @property
    def total(self) -> int:
        return self.samples * max(1, len(self.efforts))

    def sample(self, index: int) -> tuple[str, Payload]:
        """The path and the sampling of a sample. More `samples` add to them and change none."""
        if not self.efforts:
            return str(index), {}
        number, place = divmod(index, len(self.efforts))
        return f"{self.efforts[place]}/{number}", {"effort": self.efforts[place]}


_PLAIN = PromptConfig()


def prompt_messages(problem: Problem, prompt: PromptConfig = _PLAIN) -> tuple[Payload, ...]:
    """The problem as chat messages: the system text, if there is one, worked examples, and the user's turn."""
    system = "\n\n".join(part for part in (prompt.system, problem.system) if part)
    messages: list[Mapping[str, Any]] = [{"role": "system", "content": system}] if system else []
    for example in prompt.examples:
        said = f"{example.reasoning}\n\n{example.answer}" if example.reasoning else example.answer
        messages += [_user(prompt, example.question), {"role": "assistant", "content": said}]
    return (*messages, _user(prompt, problem.prompt))


def _user(prompt: PromptConfig, question: str) -> Payload:
    # Not `format`: a template is full of braces where it asks for \boxed{}.
    return {"role": "user", "content": prompt.template.replace(QUESTION, question)}
