"""Single facts of the true execution, looked at again: to doubt a step and find it right, or to see a mistake."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from tracemill.records import Claim, premise
from tracemill.tasks.kit.teller import Recheck, Teller
from tracemill.tasks.kit.words import Voice
from tracemill.tasks.library.code_text import counted, head_of, names_read, quoted
from tracemill.tasks.library.events import Truths, value_of
from tracemill.tasks.library.shown_values import Fact, listed, short, spoken, uncapped

_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]
_MAX_GIVEN = 3


@dataclass(frozen=True, slots=True)
class Rechecks:
    """`truths` are those of the call as it really goes."""

    source: str
    owner: Mapping[int, ast.stmt]
    truths: Truths
    place: int = 0
    """Of the premise with the call."""

    def offer(self, teller: Teller, facts: Iterable[Fact]) -> None:
        """Let the teller doubt one of these facts: only what is true can be found right."""
        true = [fact for fact in facts if self._is_doubtful(fact) and self.truths.holds(fact)]
        if true:
            # Not with the words' own choices: whether there is something to doubt differs after a mistake.
            rng = Random(f"{teller.seed}/{len(teller.lines)}/doubt")
            again = self.of(rng.choice(true), Voice(teller.voice.bank, rng))
            if again is not None:
                teller.doubtful(again)

    def _is_doubtful(self, fact: Fact) -> bool:
        """Nobody doubts that a variable starts as `[]`."""
        value = getattr(self.owner.get(fact.get("line", 0)), "value", None)
        if fact["event"] == "assign" and value is not None:
            return _is_worked_out(value)
        return fact["event"] in ("branch", "loop")

    def of(self, fact: Fact, voice: Voice) -> Recheck | None:
        """What is true of the moment of a fact; None where that cannot be said by itself."""
        match fact["event"]:
            case "branch":
                return self._test(fact, voice)
            case "assign":
                return self._value(fact, voice)
            case "loop":
                return self._loop(fact, voice)
            case "return" | "yield" | "inner":
                return self._back(fact, voice)
        return None

    def _test(self, fact: Fact, voice: Voice) -> Recheck | None:
        at, node = (fact["line"], fact["visit"]), self.owner[fact["line"]]
        taken = self.truths.taken.get(at)
        if taken is None or not isinstance(node, ast.If | ast.While):
            return None
        known = self.truths.before.get(at, {})
        given = [known[name] for name in names_read(node.test) if name in known and short(known[name])]
        given = [one for one in given if one["value"] != one["name"]] if len(given) <= _MAX_GIVEN else []
        why = listed(f"`{one['name']}` being {spoken(one)}" for one in given) if given else ""
        said = uncapped(voice("again_test", given=f"with {why}, " if why else "", value="true" if taken else "false"))
        noun = f"verdict on {quoted(self.source, node.test) or 'the condition'}"
        return self._recheck(self._named(noun, fact, self.truths.taken), said, [*given, {**fact, "taken": taken}])

    def _value(self, fact: Fact, voice: Voice) -> Recheck | None:
        found = self.truths.after.get((fact["line"], fact["visit"]), {}).get(fact["name"])
        code = quoted(self.source, self.owner[fact["line"]])
        if found is None or code is None or "value" not in found:
            return None
        said = voice("again_value", name=f"`{fact['name']}`", value=spoken(found))
        true = {key: fact[key] for key in ("event", "line", "visit", "name")} | value_of(found)
        return self._recheck(self._named(f"reading of {code}", fact, self.truths.after), said, [true])

    def _loop(self, fact: Fact, voice: Voice) -> Recheck | None:
        count = self.truths.counts.get((fact["line"], fact["visit"]))
        node = self.owner[fact["line"]]
        if count is None or not isinstance(node, ast.For | ast.While):
            return None
        said = voice("again_loop", value=counted(count, "round"))
        noun = f"count of the rounds of {head_of(self.source, node) or 'the loop'}"
        return self._recheck(self._named(noun, fact, self.truths.counts), said, [{**fact, "count": count}])

    def _back(self, fact: Fact, voice: Voice) -> Recheck | None:
        which = fact.get("visit", 0)
        handed = {"yield": self.truths.yields, "inner": self.truths.inner}.get(fact["event"])
        true = self.truths.returned if handed is None else handed[which - 1] if 0 < which <= len(handed) else {}
        if "value" not in true:
            return None
        of = "the returned value"
        if handed is not None:
            made = "value handed out" if fact["event"] == "yield" else "value that the function gives itself"
            of = f"the {_ordinal(which)} {made}"
        stated = {key: fact[key] for key in ("event", "visit") if key in fact} | value_of(true)
        return self._recheck(of, voice("again_back", value=spoken(true)), [stated])

    def _recheck(self, of: str, said: str, facts: list[Fact]) -> Recheck:
        return Recheck(of, said, Claim("execution", {"facts": facts}), (premise(self.place),))

    def _named(self, noun: str, fact: Fact, moments: Iterable[tuple[int, int]]) -> str:
        """`my verdict on …`, or `my third verdict on …` where there are several."""
        several = sum(line == fact["line"] for line, _ in moments) > 1
        return f"my {_ordinal(fact['visit'])} {noun}" if several else f"my {noun}"


@lru_cache(maxsize=1024)
def _is_worked_out(value: ast.expr) -> bool:
    """Whether there are names, attributes or operations in an expression beside what it calls."""
    called = {id(part.func) for part in ast.walk(value) if isinstance(part, ast.Call)}
    parts = (part for part in ast.walk(value) if id(part) not in called)
    return any(isinstance(part, ast.Name | ast.Attribute | ast.BinOp) for part in parts)


def _ordinal(number: int) -> str:
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def wrong_part(fact: Fact) -> str:
    """What a false fact had instead: `4 rounds`, `true`, or a value."""
    if fact["event"] == "branch":
        return "true" if fact["taken"] else "false"
    return counted(fact["count"], "round") if fact["event"] == "loop" else spoken(fact)


def what_is_wrong(fact: Fact) -> str:
    """What a false fact claims, for an explanation: `that the test in line 4 is true there`."""
    event = fact["event"]
    if event == "branch":
        return f"that the test in line {fact['line']} is {'true' if fact['taken'] else 'false'} there"
    if event == "loop":
        return f"that the loop in line {fact['line']} has {counted(fact['count'], 'round')}"
    if event == "run":
        return f"that line {fact['line']} runs then"
    value = spoken(value_of(fact))
    if "name" in fact:
        return f"that `{fact['name']}` is {value} then"
    if event == "inner":
        return f"that {value} is what the function gives when it calls itself there"
    return f"that {value} is what comes {'next' if event == 'yield' else 'back'}"
