"""Invented rows in the shapes that people have: none of them is anybody's data."""

from __future__ import annotations

import json
from typing import Any

Rows = list[dict[str, Any]]

THOUGHT = "<think>\nSeven herons and four more.\nThat makes 7 + 4 = 11.\n</think>\n\nThe answer is \\boxed{11}."
CUT = "<think>\nSeven herons and four more. That makes"
WRONG = "<think>\nSeven herons, less four.\n</think>\n\nThe answer is \\boxed{3}."
QUESTION = "Seven herons stand in a marsh and four more land. How many herons stand there now?"
ALSO = "A lamp costs 8 francs and a bulb 5. What do both cost?"


def _chat(*messages: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in messages]


def _share_gpt(*messages: tuple[str, str]) -> list[dict[str, str]]:
    return [{"from": role, "value": content} for role, content in messages]


def _prm(text: str, rating: int, flagged: bool = False) -> dict[str, Any]:
    completion = {"text": text, "rating": rating, "flagged": flagged}
    return {"completions": [completion], "human_completion": None, "chosen_completion": 0 if rating >= 0 else None}


_TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
_CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 7, "b": 4}'}}
_TALK: list[dict[str, Any]] = [
    {"role": "system", "content": "Use the tool."},
    {"role": "user", "content": QUESTION},
    {"role": "assistant", "content": "", "tool_calls": [_CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "11"},
    {"role": "assistant", "content": "The answer is \\boxed{11}."},
]
_RESPONSE = {
    "model": "marsh-7b",
    "status": "completed",
    "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Add them."}]},
        {"type": "function_call", "call_id": "c1", "name": "add", "arguments": '{"a": 7, "b": 4}'},
        {"type": "function_call_output", "call_id": "c1", "output": "11"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It is \\boxed{11}."}]},
    ],
}

SHAPED: dict[str, Rows] = {
    "openr1_math": [
        {
            "problem": QUESTION,
            "solution": "7 + 4 = 11 herons.",
            "answer": "11",
            "source": "marsh",
            "generations": [THOUGHT, WRONG, CUT],
            "correctness_math_verify": [True, False, False],
            "correctness_llama": None,
            "finish_reasons": ["stop", "stop", "length"],
        },
        {
            "problem": ALSO,
            "solution": "8 + 5",
            "answer": "13",
            "source": "shop",
            "generations": ["<think>8 + 5</think>\\boxed{13}"],
            "correctness_math_verify": [True],
            "correctness_llama": [True],
            "finish_reasons": None,
        },
    ],
    "mixture_of_thoughts": [
        {"messages": _chat(("user", QUESTION), ("assistant", THOUGHT)), "num_tokens": 31, "source": "marsh"},
        {"messages": _chat(("user", ALSO), ("assistant", CUT)), "num_tokens": 9, "source": "shop"},
    ],
    "open_thoughts": [
        {
            "system": "Mark your thoughts.",
            "conversations": _share_gpt(
                ("user", QUESTION),
                (
                    "assistant",
                    "<|begin_of_thought|>\n7 + 4\n<|end_of_thought|>\n\n"
                    "<|begin_of_solution|>\n\\boxed{11}\n<|end_of_solution|>",
                ),
            ),
        }
    ],
    "open_thoughts_metadata": [
        {
            "problem": QUESTION,
            "deepseek_reasoning": "7 + 4 is 11.",
            "deepseek_solution": "There are \\boxed{11} herons.",
            "ground_truth_solution": "The marsh has $\\boxed{11}$ herons.",
            "domain": "math",
            "source": "marsh",
        }
    ],
    "synthetic_1": [
        {
            "response_id": "r1",
            "problem_id": "vfm_1",
            "task_type": "verifiable_math",
            "prompt": QUESTION,
            "gold_standard_solution": "11",
            "verification_info": '{"ground_truth": "11"}',
            "llm_response": THOUGHT,
            "score": 1.0,
        },
        {
            "response_id": "r2",
            "problem_id": "vfm_1",
            "task_type": "verifiable_math",
            "prompt": QUESTION,
            "gold_standard_solution": "11",
            "verification_info": "{'ground_truth': '11'}",
            "llm_response": WRONG,
            "score": 0.0,
        },
    ],
    "synthetic_2": [
        {
            "problem_id": "p1",
            "task_type": "verifiable_math",
            "reward": 1.0,
            "messages": _chat(("user", QUESTION), ("assistant", THOUGHT)),
            "verification_info": '{"ground_truth": "11"}',
        }
    ],
    "synthetic_sft": [
        {
            "response_id": "r1",
            "problem_id": "p1",
            "task_type": "verifiable_math",
            "score": 1.0,
            "messages": _chat(("user", QUESTION), ("assistant", THOUGHT)),
        }
    ],
    "nemotron": [
        {
            "input": _chat(("user", QUESTION)),
            "output": THOUGHT,
            "category": "math",
            "license": "cc-by-4.0",
            "reasoning": "on",
            "generator": "marsh-70b",
            "used_in_training": "yes",
            "version": "v1",
            "system_prompt": "detailed thinking on",
        },
        {
            "input": _chat(("user", ALSO)),
            "output": "The answer is \\boxed{13}.",
            "category": "math",
            "license": "cc-by-4.0",
            "reasoning": "off",
            "generator": "marsh-8b",
            "used_in_training": "yes",
            "version": "v1",
            "system_prompt": "detailed thinking off",
        },
    ],
    "nemotron_messages": [
        {
            "uuid": "u1",
            "license": "CC BY 4.0".replace(" ", "-"),
            "generator": "marsh-70b",
            "version": "v1",
            "category": "math",
            "reasoning": "on",
            "messages": _chat(("user", QUESTION), ("assistant", THOUGHT)),
            "metadata": json.dumps({"expected_answer": "11"}),
        }
    ],
    "prm800k": [
        {
            "labeler": "l1",
            "question": {
                "problem": QUESTION,
                "ground_truth_solution": "7 + 4",
                "ground_truth_answer": "11",
                "pre_generated_steps": ["There are 7 herons.", "7 + 4 = 12.", "# Answer\n\n12"],
                "pre_generated_answer": "12",
            },
            "label": {
                "steps": [_prm("There are 7 herons.", 1), _prm("7 + 4 = 12.", -1)],
                "total_time": 5,
                "finish_reason": "found_error",
            },
        }
    ],
    "processbench": [
        {
            "id": "marsh-0",
            "generator": "marsh-7b",
            "problem": QUESTION,
            "steps": ["There are 7 herons.", "7 + 4 = 12.", "So there are \\boxed{12}."],
            "final_answer_correct": False,
            "label": 1,
        },
        {
            "id": "marsh-1",
            "generator": "marsh-7b",
            "problem": ALSO,
            "steps": ["8 + 5 = 13.", "So it is \\boxed{13}."],
            "final_answer_correct": True,
            "label": -1,
        },
    ],
    "verifiers_rollouts": [
        {
            "example_id": 0,
            "task": "marsh",
            "prompt": _chat(("system", "Count."), ("user", QUESTION)),
            "completion": _chat(("assistant", THOUGHT)),
            "answer": "11",
            "reward": 1.0,
        },
        {
            "example_id": 0,
            "task": "marsh",
            "prompt": _chat(("system", "Count."), ("user", QUESTION)),
            "completion": _chat(("assistant", "How many?"), ("user", "Four more."), ("assistant", "\\boxed{3}")),
            "answer": "11",
            "reward": 0.0,
        },
    ],
    "nemo_gym": [
        {
            "responses_create_params": {"input": _chat(("user", QUESTION)), "tools": [_TOOL]},
            "response": _RESPONSE,
            "reward": 1.0,
            "expected_answer": "11",
        }
    ],
    "gsm8k": [
        {"question": QUESTION, "answer": "There are 7+4 = <<7+4=11>>11 herons.\n#### 11"},
        {"question": ALSO, "answer": "Both cost 8+5 = <<8+5=13>>13 francs.\n#### 13"},
    ],
    "math": [
        {"problem": QUESTION, "level": "Level 1", "type": "Counting", "solution": "Now $7+4=\\boxed{11}$ stand there."},
    ],
    "openai_chat": [
        {"messages": _TALK, "tools": [_TOOL], "expected_answer": "11"},
    ],
    "solved_problems": [
        {"question": QUESTION, "final_answer": "11", "rationale": "7 + 4 = 11.\nAnswer: 11"},
    ],
    "plain_problems": [
        {"question": QUESTION, "answer": 11},
        {"question": ALSO, "answer": 13},
    ],
}
