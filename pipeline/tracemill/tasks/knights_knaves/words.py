"""The three settings of a truth-teller puzzle: an island, a robot depot, an infiltrated company.

A setting has its own narration, its own way of reporting what somebody says, and its own words for the two kinds. Not
covered here: what is said (`task.py`) and how it is reasoned about (`phrases.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tracemill.tasks.knights_knaves.logic import Statement


@dataclass(frozen=True, slots=True)
class Theme:
    """The words of one setting. Pairs hold the liars' word first, then the truth-tellers', so that a kind indexes them.

    `words`: the answer's words. `one`, `many`: after "is" and "are". `noun`, `nouns`: after a number. `me`: how a
    speaker names itself.
    In `intros`: `{who}` is the list of names, `{place}` a place, `{visitor}` a person outside the puzzle, `{n}` how
    many. `sayings` report `{said}` of `{name}`. `statements`: sentences by form, with `{A}`, `{B}` clauses (`{a}`,
    `{b}` within a sentence), `{x}`, `{y}` names (`{them}`: "x and y" after a preposition), `{group}`, `{N}`, `{n}` a
    number, `{are}` a predicate, `{noun}` (both agree with the number), `{nouns}` and `{many}` what is counted. A
    sentence must be false just where what it says of people is: "I have seen that …" is a lie in more ways than one.
    """

    words: tuple[str, str]
    one: tuple[str, str]
    many: tuple[str, str]
    noun: tuple[str, str]
    nouns: tuple[str, str]
    me: str
    names: tuple[str, ...]
    places: tuple[str, ...]
    visitors: tuple[str, ...]
    intros: tuple[str, ...]
    sayings: tuple[str, ...]
    statements: Mapping[str, tuple[str, ...]]
    questions: tuple[str, ...]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_VISITORS = _listed(
    "Aurelio Bettina Caspar Dagny Edvard Filippa Gaspard Henrike Ingmar Jorinde Konrad Liselotte Maurits Nerissa "
    "Ottoline Percival Quirin Rosalind Severin Theodora Ulrich Verena Wilhelm Xenia Yorick Zenobia"
)

THEMES: dict[str, Theme] = {
    "island": Theme(
        words=("knave", "knight"),
        one=("a knave", "a knight"),
        many=("knaves", "knights"),
        noun=("knave", "knight"),
        nouns=("knaves", "knights"),
        me="I",
        names=_listed(
            "Ana Bo Cyril Dora Egon Flora Gus Hilda Igor Juno Kurt Lena Milo Nora Otto Pia Quinn Rufus Sven Tilda Ugo "
            "Vera Walt Xandra Yann Zita Alba Bruno Clara Dario Elsa Franz Gilda Hugo Irma Jarl Klara Lars Mona Nils"
        ),
        places=_listed("Mirrando Corvessa Thule Ambrith Sennar Ostrava Velloe Kintara Ruun Pellamar Ysold Garabond"),
        visitors=_VISITORS,
        intros=(
            "On the isle of {place} everybody is either a knight, who speaks only the truth, or a knave, who says only "
            "false things. {visitor} steps ashore and meets {who}.",
            "{visitor} is stranded on {place}, where knights never say anything false and knaves never say anything "
            "true, and where nobody is anything else. Down to the beach come {n} islanders: {who}.",
            "The people of {place} fall into two clans. Every statement of a knight is true, every statement of a "
            "knave is false. Round a fire {visitor} listens to {who}.",
            "Nobody on {place} ever mixes truth and falsehood: knights utter nothing but truths, knaves nothing but "
            "falsehoods. At the harbour inn, {visitor} shares a table with {who}.",
            "A map of {place} carries a warning: of its inhabitants, each knight always speaks truly, each knave "
            "always falsely. {visitor} asks {who} for the way and gets these replies.",
            "{who} live on {place}, an island of knights (all they say is true) and knaves (all they say is false). "
            "Here is what {visitor} wrote down in the evening.",
        ),
        sayings=(
            '{name} says: "{said}."',
            '"{said}," declares {name}.',
            '{name} shrugs and remarks, "{said}."',
            '"{said}," says {name}.',
            '{name} calls out: "{said}!"',
            'In the words of {name}: "{said}."',
            '{name} whispers, "{said}."',
            'Then {name}: "{said}."',
        ),
        statements={
            "is": ("{A}", "Mark my words, {a}", "Let me say this much: {a}", "Know this: {a}"),
            "same": (
                "{x} and {y} are of the same kind",
                "{x} and {y} are either both knights or both knaves",
                "{x} and {y} belong to one and the same clan",
            ),
            "differ": (
                "{x} and {y} are of different kinds",
                "Exactly one of {them} is a knight",
                "{x} and {y} do not belong to the same clan",
            ),
            "and": ("{A} and {b}", "{A}, and moreover {b}", "Two things are true: {a}, and {b}"),
            "or": ("{A} or {b}", "At least one of these is so: {a}, or {b}", "Either {a}, or {b}, or both"),
            "if": ("If {a}, then {b}", "{B} if {a}", "Should it be so that {a}, then {b}"),
            "exactly": ("Of {group}, exactly {n} {are}", "The number of {nouns} among {group} is {n}"),
            "least": ("Of {group}, at least {n} {are}", "Among {group} you find no fewer than {n} {noun}"),
            "most": ("Of {group}, at most {n} {are}", "Among {group} you find no more than {n} {noun}"),
        },
        questions=(
            "Who is a knight and who is a knave?",
            "Tell the knights from the knaves.",
            "What is each of them?",
            "Find out the kind of every islander named here.",
        ),
    ),
    "robots": Theme(
        words=("faulty", "honest"),
        one=("faulty", "honest"),
        many=("faulty", "honest"),
        noun=("faulty robot", "honest robot"),
        nouns=("faulty robots", "honest robots"),
        me="this unit",
        names=_listed(
            "Axiom Bolt Cobalt Dynamo Echo Flux Gizmo Helix Ion Jolt Kernel Lumen Matrix Nova Orbit Pixel Quartz Rivet "
            "Sprocket Torque Umbra Vector Watt Xenon Yotta Zephyr Argon Beacon Cipher Diode Ember Fuse Gamma Hertz "
            "Ingot Joule Krypton Laser Magnet Neon"
        ),
        places=_listed("Halden Brixmoor Tessaly Umbar Norvik Castrop Delphin Orlog Straylight Pemberton Juno-Station"),
        visitors=_VISITORS,
        intros=(
            "After a power surge at depot {place}, some robots have a reversed speech circuit: a faulty robot outputs "
            "only false sentences, an honest one only true sentences. Technician {visitor} collects the logs of {who}.",
            "Inspection report, {place} plant. Each of the robots {who} is honest (every output true) or faulty (every "
            "output false). {visitor} has {n} lines of output to go on.",
            "A firmware update at {place} went wrong. Robots that took it have become faulty and invert every fact "
            "they report; the others stayed honest and report them as they are. On the test bench of {visitor}: {who}.",
            "{visitor} must decide which machines in hall {place} are to be repaired. The honest ones transmit nothing "
            "but truths, the faulty ones nothing but untruths. These are the transmissions of {who}.",
            "The cargo drones {who} of the freighter {place} were shaken in a storm. Since then a drone either works, "
            "is honest and signals what is the case, or is faulty and signals what is not the case. {visitor} reads "
            "the signals.",
            "Diagnostics at {place}: {who} are queried by {visitor}. It is known that an honest machine cannot emit a "
            "false line and a faulty machine cannot emit a true one.",
        ),
        sayings=(
            'Log of {name}: "{said}".',
            '{name} transmits "{said}".',
            'The display of {name} reads "{said}".',
            "Output of unit {name} > {said}.",
            '{name} prints one line, "{said}".',
            'From the speaker of {name} comes "{said}".',
            'Asked for its findings, {name} answers "{said}".',
            'Status message by {name}: "{said}".',
        ),
        statements={
            "is": ("{a}", "it is a fact that {a}", "finding: {a}", "the case is this: {a}"),
            "same": (
                "{x} and {y} have the same status",
                "the status of {x} equals the status of {y}",
                "no difference in status between {x} and {y}",
            ),
            "differ": (
                "{x} and {y} differ in status",
                "the status of {x} is not that of {y}",
                "one of {them} is honest, the other faulty",
            ),
            "and": ("{a} AND {b}", "both of the following hold: {a}; {b}", "{a}; in addition, {b}"),
            "or": ("{a} OR {b}", "at least one of the following holds: {a}; {b}", "{a}, or {b}, or both"),
            "if": ("IF {a} THEN {b}", "{b} in case {a}", "condition: {a}; consequence: {b}"),
            "exactly": ("exactly {n} of {group} {are}", "count of {nouns} among {group}: exactly {n}"),
            "least": ("at least {n} of {group} {are}", "count of {nouns} among {group}: {n} or more"),
            "most": ("at most {n} of {group} {are}", "count of {nouns} among {group}: {n} or fewer"),
        },
        questions=(
            "Classify every robot.",
            "Which of the machines are honest, and which are faulty?",
            "Determine the status of each unit.",
            "Which ones need repair?",
        ),
    ),
    "company": Theme(
        words=("spy", "loyal"),
        one=("a spy", "loyal"),
        many=("spies", "loyal"),
        noun=("spy", "loyal person"),
        nouns=("spies", "loyal people"),
        me="I",
        names=_listed(
            "Abbott Barlow Calder Denholm Ellery Farrow Garner Holt Ibsen Jarvis Keating Lowell Mercer Norwood Osborne "
            "Paxton Quigley Ramsey Sutton Tanner Upton Vance Whitlow Yardley Zeller Ashby Brandt Corwin Dunmore Easton "
            "Fenwick Goddard Hadley Irving Jessop Kirby Lambert Monroe Nash Ogden"
        ),
        places=_listed("Orivant Halcyon Brightwater Tessera Norden Caldera Polaris Sundial Meridian Arcturus Vantage"),
        visitors=_VISITORS,
        intros=(
            "Spies of a rival have crept into the firm {place}. Under the serum of Dr {visitor}, loyal staff can state "
            "only what is true, while spies, trained to resist it, state only what is false. Questioned were {who}.",
            "Inspector {visitor} of {place} has reduced the circle of suspects to {who}. Each is loyal and truthful in "
            "every statement, or a spy and untruthful in every statement.",
            "Blueprints have vanished from {place}. Of the {n} people with a key ({who}), any number may be spies. "
            "{visitor} knows that a spy's testimony is always false and that of a loyal person always true.",
            "From the minutes of an inquiry at {place}, led by {visitor}. Heard as witnesses: {who}. All agree that "
            "loyal employees had told nothing but the truth, and spies nothing but untruths.",
            "At {place}, the board asks {visitor} to sort the loyal from the spies. The rule of this trade: spies "
            "never let a true sentence slip, loyal people never a false one. Interviewed are {who}.",
            "The audit of {place} ends with a riddle for {visitor}. In one department work {who}; those who are loyal "
            "always gave true information, those who spy always false information.",
        ),
        sayings=(
            '{name} told the auditor: "{said}."',
            'The note signed by {name} reads, "{said}."',
            '"{said}," according to the testimony of {name}.',
            'In the interview with {name} one sentence stands out: "{said}."',
            '{name}, after a long silence: "{said}."',
            'Statement of {name} for the record: "{said}."',
            'Over coffee {name} let fall, "{said}."',
            'An e-mail from {name} says, "{said}."',
        ),
        statements={
            "is": ("{A}", "Let me be plain: {a}", "It is a fact that {a}", "The truth is that {a}"),
            "same": (
                "{x} and {y} are on the same side",
                "{x} and {y} work for the same master",
                "Either {x} and {y} are both loyal or both are spies",
            ),
            "differ": (
                "{x} and {y} are on opposite sides",
                "{x} and {y} do not work for the same master",
                "Of {them}, one is loyal and one is a spy",
            ),
            "and": ("{A} and {b}", "{A}, and besides, {b}", "Both are true: {a}, and {b}"),
            "or": ("{A} or {b}", "It is true that {a} or that {b}, or both", "At least this much is true: {a}, or {b}"),
            "if": ("If {a}, then {b}", "{B}, provided that {a}", "Whenever it is so that {a}, it is also so that {b}"),
            "exactly": ("Exactly {n} of {group} {are}", "Exactly {n} {noun} can be counted among {group}"),
            "least": ("At least {n} of {group} {are}", "{N} or more of {group} are {many}"),
            "most": ("At most {n} of {group} {are}", "No more than {n} of {group} {are}"),
        },
        questions=(
            "Who is loyal, and who is a spy?",
            "Unmask the spies and clear the others.",
            "On which side is each of them?",
            "Settle the case for every person named.",
        ),
    ),
}

_OR = (
    'An "or" leaves room for both.',
    'Here "or" is also satisfied if both parts are true.',
    '("Or" does not rule out that both hold.)',
    'Note that "or" is meant to include the case of both.',
)
_IF = (
    "A conditional is false only if its condition is met and its consequence fails.",
    "An if-sentence counts as true unless the condition holds without the consequence.",
    "Conditions are to be read plainly: where the condition is not met, the sentence is true.",
    "A sentence with a condition fails in one case alone, namely condition true, consequence false.",
)
_FORMS = (
    'End with a line "Answer: {fields}", with {true} or {false} for each name.',
    'Give the result in the last line as "Answer: {fields}", where every blank is {true} or {false}.',
    'The final paragraph must read "Answer: {fields}"; fill in {true} or {false}.',
    'Conclude with "Answer: {fields}" and put {true} or {false} after each equals sign.',
    'Write {true} or {false} for everybody in a closing line "Answer: {fields}".',
)
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def joined(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def clause(theme: Theme, name: str, kind: bool) -> str:
    """`Bo is a knave`; `I am a knave` of oneself."""
    return f"{name} {'am' if name == 'I' else 'is'} {theme.one[kind]}"


def told(theme: Theme, statement: Statement, names: Sequence[str], template: str) -> str:
    """A statement by a template of its form; `names` are as the speaker would call everybody."""
    form = statement[0]
    if form == "count":
        _, group, _, number, kind = statement
        everybody = [names[person] for person in group if names[person] != "I"]
        return template.format(
            n=NUMBERS[number],
            N=capital(NUMBERS[number]),
            many=theme.many[kind],
            are=f"is {theme.one[kind]}" if number == 1 else f"are {theme.many[kind]}",
            noun=theme.noun[kind] if number == 1 else theme.nouns[kind],
            nouns=theme.nouns[kind],
            group=joined(everybody if len(everybody) == len(group) else [*everybody, "me"]),
        )
    if form in ("same", "differ"):
        x, y = sorted((names[statement[1]], names[statement[2]]), key=lambda name: name == "I")
        return template.format(x=x, y=y, them=f"{x} and {'me' if y == 'I' else y}")
    parts = [tuple(statement[1:])] if form == "is" else statement[1:]
    a, *more = [clause(theme, names[person], kind) for person, kind in parts]
    b = more[0] if more else ""
    return template.format(a=a, b=b, A=capital(a), B=capital(b))


def said(theme: Theme, statement: Statement, speaker: int, names: Sequence[str], rng: Random) -> str:
    """The sentence of the story in which somebody says something."""
    called = [theme.me if person == speaker else name for person, name in enumerate(names)]
    form = statement[2] if statement[0] == "count" else statement[0]
    words = told(theme, statement, called, rng.choice(theme.statements[form]))
    return capital(rng.choice(theme.sayings).format(name=names[speaker], said=words))


def story(
    theme: Theme, statements: Sequence[tuple[int, Statement]], names: Sequence[str], rng: Random, listed: bool
) -> str:
    """The whole prompt; `listed` gives every saying a line of its own."""
    who = list(names)
    rng.shuffle(who)
    intro = rng.choice(theme.intros).format(
        who=joined(who), place=rng.choice(theme.places), visitor=rng.choice(theme.visitors), n=NUMBERS[len(names)]
    )
    sayings = [said(theme, statement, speaker, names, rng) for speaker, statement in statements]
    forms = {statement[0] for _, statement in statements}
    notes = [rng.choice(note) for form, note in (("or", _OR), ("if", _IF)) if form in forms]
    fields = ", ".join(f"{name} = ..." for name in names)
    form = rng.choice(_FORMS).format(fields=fields, true=theme.words[True], false=theme.words[False])
    closing = " ".join([*notes, rng.choice(theme.questions), form])
    parts = [capital(intro), "\n".join(sayings) if listed else " ".join(sayings), closing]
    return ("\n\n" if listed else " ").join(parts)
