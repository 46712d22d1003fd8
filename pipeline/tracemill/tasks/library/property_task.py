"""`code.execution.property`: does something hold of a function's results for all arguments of a finite domain?"""

from __future__ import annotations

import ast
from typing import ClassVar

from tracemill.claims.execution.calls import find
from tracemill.claims.execution.holes import with_hole
from tracemill.claims.execution.properties import PROPERTIES
from tracemill.records import Check, Claim, Problem, canonical_json, premise
from tracemill.tasks.kit.teller import Recheck, Ref, Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.library.call_task import Asked, CallTask, code_block, shown_code, words_of
from tracemill.tasks.library.misreadings import slipped
from tracemill.tasks.library.pool import Entry, entry_of
from tracemill.tasks.library.shown_values import listed, spoken

HOLDS = "holds"


class LibraryProperty(CallTask):
    """The domain is tried out in full, so that `holds` is known; a counterexample is run."""

    name: ClassVar[str] = "code.execution.property"
    summary: ClassVar[str] = "whether a property holds of a library function on a finite domain, or a counterexample"
    words: ClassVar[Words] = words_of("property")
    asked: ClassVar[str] = "p"
    tellings: ClassVar[int] = 15
    """A wrong solution tries as many arguments as a right one: the order decides."""

    def ask(self, entry: Entry, theme: Voice, voice: Voice) -> Asked:
        asked = entry.asks["property"]
        text, domain = PROPERTIES[asked["key"]].text, asked["domain"]
        shown = [
            *shown_code(entry, theme),
            voice("ask_property", domain=listed(f"`{one}`" for one in domain), property=f"`{text}`"),
            code_block(f"result = {with_hole(find(entry.names), 'x')}"),
            voice("ending_property"),
        ]
        answer = domain[asked["broken"][0]] if asked["broken"] else HOLDS
        spec = {"call": dict(entry.names), "key": asked["key"], "domain": domain}
        return Asked("\n\n".join(shown), answer, Check("counterexample", spec), [entry.names])

    def tell(self, problem: Problem, teller: Teller) -> None:
        entry = entry_of(canonical_json(problem.metadata["instance"]["call"]))
        asked = entry.asks["property"]
        places = list(range(len(asked["domain"])))
        teller.rng.shuffle(places)
        for place in places:
            argument = asked["domain"][place]
            value = self._value(entry, place, teller)
            if not self._say(entry, argument, value, teller):
                teller.close("close_broken", argument, property=f"`{PROPERTIES[asked['key']].text}`")
                return
        teller.close("close_holds", HOLDS)

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
        wrong = [one for one in others if _holds(key, argument, one) is not held]
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
