"""What guides a search: a score for the beginning of a solution, higher is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, Protocol

from tracemill.asking.strategies.search_tree import Beginning, SearchTree
from tracemill.asking.strategies.strategy import all_of
from tracemill.asking.teachers.teacher import Reply
from tracemill.records import Payload, Turn

if TYPE_CHECKING:
    from tracemill.asking.strategies.step_search import SearchConfig

UNDECIDED = 0.5


class Guide(Protocol):
    async def score(self, node: Beginning) -> float | None:
        """None for a beginning that is not to be continued."""


class ByRollouts:
    """The share of completions of the beginning that are verified. Each is a solution, and is kept as one."""

    def __init__(self, config: SearchConfig, messages: Sequence[Payload], tree: SearchTree) -> None:
        self.config, self.messages, self.tree = config, messages, tree

    async def score(self, node: Beginning) -> float:
        sampling = node.sampling()
        paths = [f"{node.path}/rollout/{number}" for number in range(self.config.rollouts)]
        calls = [self.tree.ask(path, self.messages, sampling, at) for at, path in enumerate(paths)]
        completions = await all_of(calls)
        for one in completions:
            self.tree.refuse_failed(one)
        found = await all_of(self.tree.add(node, one) for one in completions)
        verified, decided = found.count("verified"), len(found) - found.count("undecided")
        node.values = (*node.values, (verified, decided))
        return verified / decided if decided else UNDECIDED


class ByVerdicts:
    """A beginning of which a verifier of steps refutes one is not continued; 1 where it verifies them all, else 0.5."""

    def __init__(self, config: SearchConfig, messages: Sequence[Payload], tree: SearchTree) -> None:
        self.tree = tree

    async def score(self, node: Beginning) -> float | None:
        verdicts = await self.tree.judge.unkept(self.tree.beginning(node))
        outcomes = {verdict.outcome for verdict in verdicts if verdict.scope == "steps"}
        if "refuted" in outcomes:
            return None
        return 1.0 if outcomes == {"verified"} else UNDECIDED


class ByScorer:
    """What a reward model of steps says of the last one, through vLLM's pooling API (`POST /pooling`, a conversation in
    which `step_tag` stands after each step). A score is journaled like a call: a run after a kill sees the same one.

    Source: the format of Qwen2.5-Math-PRM, which vLLM pools at the step tags.
    """

    def __init__(self, config: SearchConfig, messages: Sequence[Payload], tree: SearchTree) -> None:
        self.config, self.messages, self.tree = config, messages, tree

    async def score(self, node: Beginning) -> float:
        marked = "".join(f"{step}{self.config.step_tag}" for step in node.steps)
        question = [one for one in self.messages if one["role"] == "system"] + [self.messages[-1]]
        body = {"model": self.config.scorer_model, "messages": [*question, {"role": "assistant", "content": marked}]}
        scorer = str(self.config.scorer_model)
        found = await self.tree.ask.other(f"{node.path}/score", scorer, body, lambda: self._asked(body))
        self.tree.refuse_failed(found)
        return float(found.metadata["score"])

    async def _asked(self, body: Payload) -> Reply:
        import aiohttp

        url = f"{str(self.config.scorer_url).rstrip('/').removesuffix('/v1')}/pooling"
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
            response.raise_for_status()
            reply = await response.json()
        score = last_score(reply)
        usage = reply.get("usage")
        tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
        counted = tokens if isinstance(tokens, int) and 0 <= tokens < 2**31 else None
        return Reply(Turn("assistant"), prompt_tokens=counted, metadata={"score": score})


def last_score(reply: Mapping[str, Any]) -> float:
    """Of a reply of the pooling API: the number for the last step; of a row of class probabilities the last, that of a
    right step.

    Raises:
        ValueError: it has no such number.
    """
    try:
        last = reply["data"][0]["data"]
        while isinstance(last, list):
            last = last[-1]
        if not isfinite(score := float(last)):
            raise TypeError("not a finite number")
        return score
    except (KeyError, IndexError, TypeError, OverflowError) as exc:
        raise ValueError(f"no score in the reply of the pooling API: {str(reply)[:200]}") from exc


GUIDES: dict[str, Callable[[SearchConfig, Sequence[Payload], SearchTree], Guide]] = {
    "rollouts": ByRollouts,
    "verdicts": ByVerdicts,
    "scorer": ByScorer,
}
