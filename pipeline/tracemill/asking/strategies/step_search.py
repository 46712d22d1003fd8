"""Search among the steps of a solution: continue the most promising beginnings, go back where a score drops.

A step ends at a blank line. Each node of the tree is a beginning; it is continued by sampling, with the beginning as
the `prefix` of the assistant's turn. The continuation that says nothing more ends the solution, as does one that states
the answer. What guides the search is in `guides.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field, model_validator

from tracemill.asking.strategies.guides import GUIDES, Guide
from tracemill.asking.strategies.prompting import PromptedConfig, prompt_messages
from tracemill.asking.strategies.search_tree import Beginning, FailedCallError, SearchTree, ends_solution
from tracemill.asking.strategies.strategy import Ask, Judge, Stopped, all_of, noted
from tracemill.records import Payload, Problem, Trace


class SearchConfig(PromptedConfig):
    """`beam`: so many beginnings are continued side by side, each step; null: always the best one of the whole tree, so
    that the search goes back where scores drop. `branch`: continuations of each. `depth`: steps of a solution, at most.
    `expansions`: beginnings that are continued, at most. `solutions`: it ends with so many verified ones, rollouts
    among them. `step_tokens`: of a continuation, at most. `guide`: what scores a beginning: `rollouts`, the share of so
    many completions of it (`rollouts`) that are verified; `verdicts`, whether the verifiers refute its steps; `scorer`,
    a model behind vLLM's pooling API at `scorer_url` (`http://host:8000`), of the name `scorer_model`, which reads the
    steps with `step_tag` after each."""

    kind: Literal["search"]
    beam: int | None = Field(default=4, ge=1, le=256)
    branch: int = Field(default=4, ge=2, le=64)
    depth: int = Field(default=16, ge=1, le=256)
    expansions: int = Field(default=32, ge=1, le=10_000)
    solutions: int = Field(default=1, ge=1, le=256)
    step_tokens: int = Field(default=512, ge=1)
    guide: Literal["rollouts", "verdicts", "scorer"] = "rollouts"
    rollouts: int = Field(default=4, ge=1, le=256)
    scorer_url: str | None = None
    scorer_model: str | None = None
    step_tag: str = "<extra_0>"

    @model_validator(mode="after")
    def _scorer_is_there(self) -> SearchConfig:
        if self.guide == "scorer" and not (self.scorer_url and self.scorer_model):
            raise ValueError("guide 'scorer' needs scorer_url and scorer_model")
        return self


class StepSearch:
    """A trace for each solution that was reached, and for each rollout: `relation` is `continuation`, `path` names the
    branches from the root. `metadata["search"]`: the scores along the path; with the guide `rollouts` also
    `rollout_values`: soft labels of its steps, a share of verified completions each, which are no verdicts."""

    Config = SearchConfig
    name = "search"
    grows: frozenset[str] = frozenset()
    unkeyed = frozenset({"scorer_url"})

    def __init__(self, config: SearchConfig) -> None:
        self.config = config

    @property
    def most_traces(self) -> int:
        return round(self.expected_calls)

    @property
    def expected_calls(self) -> float:
        """At most: every expansion that the bound allows, with all rollouts."""
        rollouts = self.config.rollouts if self.config.guide == "rollouts" else 0
        return self.config.expansions * self.config.branch * (1 + rollouts)

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        if not ask.samples(1):
            return []
        tree = SearchTree(problem, ask, judge, self.name)
        messages = prompt_messages(problem, self.config.prompt)
        guide = GUIDES[self.config.guide](self.config, messages, tree)
        try:
            return await _Run(self.config, messages, tree, guide).run()
        except FailedCallError as exc:
            return [exc.trace]


@dataclass
class _Run:
    """One problem's search. `frontier`: beginnings that may be continued."""

    config: SearchConfig
    messages: Sequence[Payload]
    tree: SearchTree
    guide: Guide
    frontier: list[Beginning] = field(default_factory=lambda: [Beginning()])
    expanded: int = 0

    async def run(self) -> list[Trace]:
        while (stopped := self._stopped()) is None:
            chosen = self._chosen()
            self.expanded += len(chosen)
            children = [node for nodes in await all_of(map(self._children, chosen)) for node in nodes]
            await all_of(self.tree.add(node) for node in children if node.ended)
            begun = [node for node in children if not node.ended and node.depth < self.config.depth]
            scored = [node for node, going in zip(begun, await all_of(map(self._scored, begun)), strict=True) if going]
            self.frontier = self._best(scored if self.config.beam else self.frontier + scored)
        traces = self.tree.traces()
        return [*traces[:-1], noted(traces[-1], stopped=stopped)] if traces else []

    async def _scored(self, node: Beginning) -> bool:
        score = await self.guide.score(node)
        node.score = 0.0 if score is None else score
        return score is not None

    def _stopped(self) -> Stopped | None:
        if self.tree.verified >= self.config.solutions:
            return "enough"
        if not self.frontier:
            return "hopeless"
        return "bound" if self.expanded >= self.config.expansions else None

    def _chosen(self) -> list[Beginning]:
        count = min(self.config.beam or 1, self.config.expansions - self.expanded)
        chosen, self.frontier = self.frontier[:count], self.frontier[count:]
        return chosen

    def _best(self, nodes: list[Beginning]) -> list[Beginning]:
        """By score; of equal ones the longer first, so that a search without a guide goes deep."""
        ordered = sorted(nodes, key=lambda node: (-node.score, -node.depth, node.places))
        return ordered[: self.config.beam] if self.config.beam else ordered

    async def _children(self, node: Beginning) -> list[Beginning]:
        """Continuations that differ. One that says nothing more ends the solution where the node ends."""
        sampling = node.sampling(stop=["\n\n"], max_tokens=self.config.step_tokens)
        paths = ["/".join(map(str, (*node.places, branch))) for branch in range(self.config.branch)]
        answers = await all_of(
            self.tree.ask(path, self.messages, sampling, branch) for branch, path in enumerate(paths)
        )
        children: dict[str, Beginning] = {}
        for branch, completion in enumerate(answers):
            self.tree.refuse_failed(completion)
            said = node.continuation(completion)
            if not said and not node.steps:
                continue  # a solution that says nothing is none
            if completion.finish_reason == "stop" and said is not None and said not in children:
                children[said] = node.child(branch, said, completion, ended=not said or ends_solution(said))
        return list(children.values())
