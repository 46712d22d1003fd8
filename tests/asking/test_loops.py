"""Replies that repeat themselves, and those that only look like it."""

from __future__ import annotations

import json
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracemill.asking.loops import STRIDE, LoopsConfig, LoopWatch, TextLoop, loop_at_end
from tracemill.sources.domains import DomainsConfig, DomainsSource
from tracemill.sources.source import Context
from workplace import ROOT

CONFIG = LoopsConfig()
GSM8K = ROOT.parent / "shared/data/gsm8k/train.jsonl"


def fed(text, config=CONFIG, cuts=()):
    """The first loop that is seen, where the text comes in pieces cut at these places."""
    watch = LoopWatch(config)
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    for start, end in pairwise(places):
        if found := watch.feed(text[start:end]):
            return found
    return None


PROSE = "First we look at the sum of both numbers, which is odd, so one of them is even and the other one is not. "


LONG = "".join(f"We try {n}, and see that {n} is no divisor. " for n in range(14))
PASSAGES = [" 0", "!", "Wait, no. ", "So x = 3.\n", PROSE, LONG]


@pytest.mark.parametrize("passage", PASSAGES, ids=len)
def test_a_passage_over_and_over_is_a_loop_whatever_its_length(passage):
    found = fed(PROSE + "The answer is near. " + passage * (20_000 // len(passage)))
    assert found is not None and found.period == len(passage)


@given(
    st.text("ab 1\n", min_size=1, max_size=60),
    st.text("ab 1\n", max_size=300),
    st.lists(st.integers(0, 10_000), max_size=9),
)
@settings(max_examples=200, deadline=None)
def test_where_a_loop_is_seen_does_not_depend_on_how_the_text_is_cut(passage, before, cuts):
    text = before + passage * (1 + 3_000 // len(passage))
    whole = fed(text)
    assert whole is not None and len(passage) % whole.period == 0
    assert fed(text, cuts=cuts) == whole


@given(st.text("ab 1\n", min_size=1, max_size=60), st.text("ab 1\n", max_size=300))
@settings(max_examples=200, deadline=None)
def test_what_is_called_a_loop_repeats_to_its_end(passage, before):
    text = before + passage * (1 + 3_000 // len(passage))
    found = loop_at_end(text, CONFIG)
    looping = text[found.at :]
    assert looping[found.period :] == looping[: -found.period]
    assert len(looping) >= max(CONFIG.characters, CONFIG.times * found.period)
    assert found.at == 0 or text[found.at - 1] != text[found.at - 1 + found.period]


def test_a_loop_is_seen_soon_after_there_is_one():
    before = "".join(map(str, range(500)))
    seen = next(n for n in range(1, 5_000) if fed(before + (n * "Wait. ")[:n]))
    assert seen <= CONFIG.characters + STRIDE


def test_a_passage_whose_length_divides_the_stride_is_seen():
    passage = "a" * 50 + "b" * 14
    assert fed("So: " + passage * 40).period == 64


def counted(form, n=400):
    return "".join(form.format(k, k * k % 97) for k in range(n))


NO_LOOPS = {
    "a count": " ".join(map(str, range(2_000))),
    "steps": counted("Step {}: the rest of the division is {}, so we go on with the next one.\n"),
    "a table": counted("| {} | {} | yes |\n"),
    "a long fraction": "1/3 = 0." + "3" * 900 + ", and 1/7 = 0." + "142857" * 150,
    "rules": "\n".join(["| a | b |", "|---|---|", "-" * 200] * 2),
    "cases": counted("If n = {}, then n² mod 97 = {}, which is not 5, so this case gives no solution.\n"),
    "a proof": counted("By the induction hypothesis the claim holds for {0}, so it holds for {0} + 1 as well.\n"),
    "a sieve": "\n".join(" ".join("." if n % d else "x" for n in range(2, 60)) for d in range(2, 40)),
    "a walk": "".join(Random(3).choices(["left, ", "right, "], k=2_000)),
}


@pytest.mark.parametrize("name", NO_LOOPS)
def test_what_only_resembles_itself_is_no_loop(name):
    assert fed(NO_LOOPS[name]) is None and loop_at_end(NO_LOOPS[name], CONFIG) is None


@pytest.mark.skipif(not GSM8K.exists(), reason="needs shared/data/gsm8k")
def test_solutions_that_people_wrote_are_no_loops():
    texts = [json.loads(line)["answer"] for line in GSM8K.read_text().splitlines()]
    assert not [text for text in texts if fed(text)]
    assert fed("\n\n".join(texts[:2_000])) is None


def test_solutions_of_every_task_are_no_loops():
    from tracemill.running.build_config import read_config
    from tracemill.running.preview import preview

    config = read_config(
        "quickstart", ["executor.kind=local", "sources.0.per_task=4", "verify.require=[answer]", "strategy.samples=2"]
    )
    source = DomainsSource(DomainsConfig(kind="domains", select=("*",), per_task=4), Context(3, 0))
    traces = [trace for one in preview(config, [source], 24) for trace, _ in one.traces]
    assert len(traces) >= 24
    assert not [trace for trace in traces if any(fed(turn.text) for turn in trace.turns)]


def test_a_loop_in_the_middle_is_no_end_in_a_loop():
    text = "So it is 7." + 400 * " Wait!" + "Now I see it: the answer is 42."
    assert fed(text) == TextLoop(6, 11) and loop_at_end(text, CONFIG) is None
