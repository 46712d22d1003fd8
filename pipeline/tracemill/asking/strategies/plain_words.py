"""Which English words a retelling may add and leave out, since none of them changes what a step says; and which words
say the same.

A word belongs here only if a step stays as true with it as without it. So there is nothing here that denies, counts,
compares, doubts, or says under which condition: those words a retelling must as they are (`retold.py`).
"""

from __future__ import annotations


def _listed(text: str) -> list[str]:
    return text.split()


NEUTRAL = frozenset(
    _listed(
        """
        a an the this that these those it its itself they them their he him his she her we us our you your i me
        my who whom whose which what here there am is are be being do does has have having must let lets and but
        yet however though although while whereas so then hence thus therefore accordingly consequently thereby
        now next also too furthermore moreover still already simply clearly indeed finally lastly okay ok well
        alright see sees look looks note notice know knows conclude concludes deduce infer follow follows
        consider remember recall mean means step steps way result information
        """
    )
)

BECAUSE = frozenset({"because", "since"})
"""At the beginning of a sentence they are neutral; behind what they give a reason for they must stay: `A, so B` is not
`A because B`."""

SAME: tuple[tuple[str, ...], ...] = (
    ("say", "says", "said", "saying", "claim", "claims", "claimed", "state", "states", "stated", "declares", "declare"),
    ("suppose", "supposing", "assume", "assuming", "imagine", "imagining", "assumption"),
    ("if", "whenever", "provided"),
    ("not", "n't", "cannot"),
    ("false", "untrue", "falsely"),
    ("true", "truly"),
    ("contradiction", "contradicts", "contradict", "contradictory", "contradicting"),
    ("no", "none"),
    ("on", "onto", "upon"),
    ("want", "wants", "wanted"),
    ("need", "needs", "needed"),
    ("remain", "remains", "remaining"),
    ("vanish", "vanishes", "disappears", "disappear", "gone"),
    ("equal", "equals", "="),
    ("plus", "+"),
    ("minus", "-"),
    ("1", "one"),
    ("2", "two"),
    ("3", "three"),
    ("4", "four"),
    ("5", "five"),
    ("6", "six"),
    ("7", "seven"),
    ("8", "eight"),
    ("9", "nine"),
    ("10", "ten"),
    ("11", "eleven"),
    ("12", "twelve"),
)
"""Of each group one stands for all."""
