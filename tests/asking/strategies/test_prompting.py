"""How a problem is put to a teacher, and samples at several efforts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import yaml
from pydantic import ValidationError
from scripted import Rolled, problem
from tracemill.asking.strategies.prompting import PromptConfig, prompt_messages
from tracemill.asking.strategies.single import SingleConfig
from workplace import ROOT

ONE = {"question": "1+1?", "answer": "\\boxed{2}", "reasoning": "One and one."}


def test_a_prompt_has_system_texts_worked_examples_and_the_problem():
    prompt = PromptConfig(
        system="Be brief.", examples=[ONE, {"question": "q", "answer": "a"}], template="Q: {question}"
    )
    asked = prompt_messages(replace(problem(7), system="Answer in digits."), prompt)
    assert asked == (
        {"role": "system", "content": "Be brief.\n\nAnswer in digits."},
        {"role": "user", "content": "Q: 1+1?"},
        {"role": "assistant", "content": "One and one.\n\n\\boxed{2}"},
        {"role": "user", "content": "Q: q"},
        {"role": "assistant", "content": "a"},
        {"role": "user", "content": "Q: problem 7"},
    )


def test_braces_of_a_template_and_of_a_problem_stay_as_they_are():
    prompt = PromptConfig(template="{question} Put it in \\boxed{}.")
    [message] = prompt_messages(problem(1, "What is {question}?"), prompt)
    assert message["content"] == "What is {question}? Put it in \\boxed{}."


def test_shipped_examples_are_named_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shipped = PromptConfig(examples=str(ROOT / "configs/examples/word_problems.jsonl"))
    assert PromptConfig(examples="word_problems") == shipped and len(shipped.examples) > 1


@pytest.mark.parametrize("name", ["examples.yaml", "examples.jsonl"])
def test_examples_of_a_file_stand_in_the_config(tmp_path, name):
    path = tmp_path / name
    path.write_text(yaml.safe_dump([ONE]) if name.endswith("yaml") else json.dumps(ONE) + "\n")
    assert PromptConfig(examples=str(path)) == PromptConfig(examples=[ONE])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"examples": "nowhere.yaml"}, "nowhere.yaml cannot be read as examples"),
        ({"examples": "word_problem"}, "no examples 'word_problem'; .*did you mean 'word_problems'"),
        ({"template": "Solve this."}, "template"),
        ({"examples": [{"question": "q"}]}, "answer"),
    ],
)
def test_what_is_wrong_with_a_prompt_is_said(given, said):
    with pytest.raises(ValidationError, match=said):
        PromptConfig(**given)


def test_a_file_that_is_no_list_of_examples_is_refused(tmp_path):
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(ONE))
    with pytest.raises(ValidationError, match="no list of examples"):
        PromptConfig(examples=str(tmp_path / "one.yaml"))


def test_each_sample_is_asked_for_at_each_effort():
    config = SingleConfig(kind="single", samples=2, efforts=("low", "high"))
    found = Rolled(config, [problem(1)])
    assert [(trace.path, trace.effort, trace.sample_index) for trace in found.traces] == [
        ("low/0", "low", 0),
        ("high/0", "high", 1),
        ("low/1", "low", 2),
        ("high/1", "high", 3),
    ]


def test_more_samples_change_none_of_those_there_are():
    few = Rolled(SingleConfig(kind="single", samples=1, efforts=("low", "high")), [problem(1)])
    many = Rolled(SingleConfig(kind="single", samples=3, efforts=("low", "high")), [problem(1)])
    assert many.traces[:2] == few.traces
