"""A policy that chooses how to reply, and improves by the rewards it gets: a bandit by REINFORCE.

It has a way to reply for each pair of a style (how carefully it works) and a trick (or none), and a preference for
each; it replies as the softmax of the preferences says. What it prefers is all that it learns: it never gets better at
the problems themselves, so that accuracy can only rise by working carefully and fall by tricks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeAlias, TypeVar

P = TypeVar("P")
"""A problem."""

Scorer: TypeAlias = Callable[[P, str], float | None]
"""The reward of a reply; None: not judged."""

BATCH = 32
RATE = 1.0
"""Of learning."""


@dataclass(frozen=True)
class Attempt:
    """A reply, and whether it is right, as an independent oracle says of what its author means by it."""

    text: str
    right: bool


@dataclass(frozen=True)
class Way(Generic[P]):
    """A way to reply. `trick`: empty where it has none."""

    style: str
    trick: str
    reply: Callable[[P, Random], Attempt]


@dataclass(frozen=True)
class Point:
    """Means over one batch. `reward`: of the replies that were judged; `tricks`: the share of replies with one."""

    samples: int
    reward: float
    accuracy: float
    tricks: float
    not_judged: float


def improved(ways: Sequence[Way[P]], problems: Sequence[P], score: Scorer[P], updates: int, seed: int) -> list[Point]:
    """The policy's course over `updates` batches. A reply that was not judged teaches nothing, as in TRL."""
    rng = Random(seed)
    preferences = [0.0] * len(ways)
    course = []
    for update in range(updates):
        shares = softmax(preferences)
        chosen = rng.choices(range(len(ways)), shares, k=BATCH)
        asked = [rng.choice(problems) for _ in chosen]
        attempts = [ways[way].reply(problem, rng) for way, problem in zip(chosen, asked, strict=True)]
        rewards = [score(problem, attempt.text) for problem, attempt in zip(asked, attempts, strict=True)]
        judged = [(way, reward) for way, reward in zip(chosen, rewards, strict=True) if reward is not None]
        mean = sum(reward for _, reward in judged) / max(1, len(judged))
        for way, reward in judged:
            for other, share in enumerate(shares):
                preferences[other] += RATE / BATCH * (reward - mean) * ((other == way) - share)
        course.append(
            Point(
                samples=(update + 1) * BATCH,
                reward=mean,
                accuracy=sum(attempt.right for attempt in attempts) / BATCH,
                tricks=sum(ways[way].trick != "" for way in chosen) / BATCH,
                not_judged=1 - len(judged) / BATCH,
            )
        )
    return course


def softmax(preferences: Sequence[float]) -> list[float]:
    most = max(preferences)
    weights = [math.exp(one - most) for one in preferences]
    return [weight / sum(weights) for weight in weights]


@dataclass(frozen=True)
class Tried:
    """Means over the replies of one way: what the scripted policy finds of a trick."""

    way: str
    reward: float | None
    accuracy: float
    not_judged: float


def tried(ways: Sequence[Way[P]], problems: Sequence[P], score: Scorer[P], seed: int) -> list[Tried]:
    """Each way on every problem, in turn."""
    found = []
    for way in ways:
        rng = Random(seed)
        attempts = [way.reply(problem, rng) for problem in problems]
        rewards = [score(problem, attempt.text) for problem, attempt in zip(problems, attempts, strict=True)]
        judged = [reward for reward in rewards if reward is not None]
        found.append(
            Tried(
                way=f"{way.style}, {way.trick}" if way.trick else way.style,
                reward=sum(judged) / len(judged) if judged else None,
                accuracy=sum(attempt.right for attempt in attempts) / len(attempts),
                not_judged=1 - len(judged) / len(rewards),
            )
        )
    return found
