"""`code.execution.property`: for which arguments of a finite domain does something not hold of a function's results?

It does not for about half of them, and all are gone through: were it asked for one, a step that says that it does not
would be the last, and more often than others a wrong one.

It does not hold for one more or one less than it holds for, and a mistake is made with one of the more: then it is the
other way round, so that neither what the wrong step says nor how many arguments are answered betrays it.
"""

from __future__ import annotations

import ast
from typing import ClassVar

from tracemill.claims.execution.holes import with_hole
from tracemill.claims.execution.listed_calls import find
from tracemill.claims.execution.properties import PROPERTIES
from tracemill.records import Check, Claim, Problem, canonical_json, premise
from tracemill.tasks.kit.teller import Recheck, Ref, Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.library.call_task import CallQuestion, CallTask, code_block, shown_code, words_of
from tracemill.tasks.library.misreadings import slipped
from tracemill.tasks.library.pool import Entry, entry_of
from tracemill.tasks.library.shown_values import listed, spoken

HOLDS = "holds"


class LibraryProperty(CallTask):
    """The domain is tried out in full, each argument by running the call."""

    name: ClassVar[str] = "code.execution.property"
    summary: ClassVar[str] = "for which arguments of a finite domain a property of a library function does not hold"
    words: ClassVar[Words] = words_of("property")
    asked: ClassVar[str] = "p"

    def ask(self, entry: Entry, theme: Voice, voice: Voice) -> CallQuestion:
        asked = entry.asks["property"]
        text, domain = PROPERTIES[asked["key"]].text, asked["domain"]
        shown = [
            *shown_code(entry, theme),
            voice("ask_property", domain=listed(f"`{one}`" for one in domain), property=f"`{text}`"),
            code_block(f"result = {with_hole(find(entry.names), 'x')}"),
            voice("ending_property"),
        ]
        answer = ", ".join(domain[at] for at in asked["broken"])
        spec = {"call": dict(entry.names), "key": asked["key"], "domain": domain}
        return CallQuestion("\n\n".join(shown), answer, Check("counterexamples", spec), [entry.names])

    def tell(self, problem: Problem, teller: Teller) -> None:
        entry = entry_of(canonical_json(problem.metadata["instance"]["call"]))
        domain = entry.asks["property"]["domain"]
        places = list(range(len(domain)))
        teller.rng.shuffle(places)
        held = {place: self._say(entry, domain[place], self._value(entry, place, teller), teller) for place in places}
        teller.close("close", ", ".join(text for place, text in enumerate(domain) if not held[place]) or HOLDS)

    def _say(self, entry: Entry, argument: str, value: str, teller: Teller) -> bool:
        key = entry.asks["property"]["key"]
        held = _holds(key, argument, value)
        call = with_hole(find(entry.names), argument)
        claim = Claim("execution", {"facts": list(_facts(key, argument, value, held))})
        filled = f"`{PROPERTIES[key].text}`"
        phrase = "keeps" if held else "breaks"
        said = teller.voice(phrase, property=filled)
        uses: list[int | Ref] = [premise(0)]
        teller.say("tried", claim, uses, call=f"`{call}`", value=spoken({"value": value}), verdict=said)
        return held

    def _value(self, entry: Entry, place: int, teller: Teller) -> str:
        """What the teller takes the call to give for one argument."""
        asked = entry.asks["property"]
        key, argument, true = asked["key"], asked["domain"][place], asked["values"][place]
        held = _holds(key, argument, true)
        near = [repr(slipped(ast.literal_eval(true), turn)) for turn in range(2)]
        others = [one for one in dict.fromkeys([*near, *asked["values"]]) if one != true]
        most_hold = len(asked["broken"]) * 2 < len(asked["domain"])
        wrong = [one for one in others if _holds(key, argument, one) is not held] if held is most_hold else []
        call = with_hole(find(entry.names), argument)

        def again() -> Recheck:
            claim = Claim("execution", {"facts": list(_facts(key, argument, true, held))})
            return Recheck(f"what `{call}` gives", f"it is {spoken({'value': true})}", claim, (premise(0),))

        why = f"`{call}` gives {spoken({'value': true})}."
        taken: str = teller.site("misread_value", true, wrong, why, again, lambda one: spoken({"value": one}))
        return taken


def _holds(key: str, argument: str, value: str) -> bool:
    return PROPERTIES[key].holds(ast.literal_eval(argument), ast.literal_eval(value))


def _facts(key: str, argument: str, value: str, held: bool) -> tuple[dict[str, object], dict[str, object]]:
    gives: dict[str, object] = {"event": "gives", "argument": argument, "value": value}
    return gives, {"event": "property", "argument": argument, "key": key, "holds": held}
