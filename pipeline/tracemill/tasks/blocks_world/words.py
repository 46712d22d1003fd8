"""How a problem of blocks world is told: three settings, the names of things, and the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

Place = str | None
Stacks = Sequence[Sequence[str]]

_COLOURS = (
    "amber azure beige black blue bronze brown coral cream crimson cyan emerald golden green grey indigo ivory "
    "lilac maroon mauve navy ochre olive orange peach pink plum purple red ruby rust scarlet silver tan teal "
    "turquoise violet white yellow"
)
_CARGO = (
    "almond barley bean cement cinnamon clay cocoa coffee copper cork cotton date fig flax ginger glass grain "
    "granite honey iron jute lemon lentil linen lumber maize marble millet nutmeg oat olive paper pepper quartz "
    "raisin rice rubber saffron salt sesame silk spice steel sugar tea tile timber tin tobacco vanilla walnut wax "
    "wheat wine wool"
)
_PORTS = (
    "Aarhus Accra Aden Antwerp Bari Bergen Bilbao Bremen Cadiz Callao Cardiff Casablanca Colombo Cork Dakar "
    "Danzig Darwin Dover Dublin Durban Genoa Ghent Haifa Hamburg Havana Izmir Karachi Lagos Lisbon Lima Malaga "
    "Manila Mombasa Mumbai Naples Nantes Odessa Oporto Osaka Oslo Piraeus Quebec Recife Riga Rotterdam Santos "
    "Seville Split Sydney Tallinn Tampa Trieste Tripoli Tunis Turku Valencia Varna Yokohama"
)
_SUBJECTS = (
    "algebra anatomy art astronomy ballet biology botany chemistry chess cinema cooking dance design drama "
    "ecology economics fashion folklore gardening genetics geography geology geometry grammar history insect jazz "
    "knitting law logic maritime medicine mineral music myth navigation opera optics painting philosophy "
    "photography physics poetry pottery railway sailing sculpture song spelling statistics theatre travel weather "
    "weaving woodwork zoology"
)
_BOOKS = (
    "album almanac anthology atlas biography catalogue comic cookbook diary dictionary directory encyclopedia "
    "fable glossary grammar guidebook handbook hymnal journal ledger lexicon logbook manual memoir notebook novel "
    "phrasebook primer reader romance saga scrapbook sketchbook songbook textbook thesaurus thriller timetable "
    "workbook yearbook"
)
_FOODS = (
    "almond apricot barley basil biscuit bran bread butter caramel cashew cereal cheese cherry chestnut chilli "
    "cinnamon clove cocoa coconut coffee cookie couscous cracker cumin currant date fennel fig flour ginger "
    "granola hazelnut honey lentil mint muesli mustard noodle nutmeg oat onion oregano paprika pasta peanut "
    "pepper pretzel raisin rice saffron salt sesame sugar tea thyme toffee vanilla walnut yeast"
)
_OWNERS = (
    "Ada Ali Anna Arun Bella Boris Carla Chen Clara Dara David Dina Elena Emil Eva Farid Felix Fiona Gita Greta "
    "Hana Hugo Ida Ines Ivan Jana Jonas Kaya Klara Lena Leo Lina Luca Maria Milo Nadia Nina Noor Olga Omar Oscar "
    "Paula Petra Rafa Rosa Ruben Sara Sofia Stefan Tara Theo Uma Vera Victor Yusuf Zoe"
)
_CODES = " ".join(f"{letter}{digit}" for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ" for digit in range(2, 10))


@dataclass(frozen=True, slots=True)
class Naming:
    """One way to name the things of a setting: an article, a pattern and the words that fill it."""

    article: str
    pattern: str
    pool: str


@dataclass(frozen=True, slots=True)
class Theme:
    """A setting. In the templates {floor} is the noun of the ground, {many} the plural of a thing."""

    one: str
    many: str
    stands: str
    floors: tuple[str, ...]
    namings: tuple[Naming, ...]
    scenes: tuple[str, ...]
    rules: tuple[str, ...]
    goals: tuple[str, ...]


THEMES: dict[str, Theme] = {
    "port": Theme(
        one="crate",
        many="crates",
        stands="stands",
        floors=("quay", "dock", "pier", "wharf", "jetty"),
        namings=(
            Naming("the ", "{} crate", _COLOURS),
            Naming("the ", "{} crate", _CARGO),
            Naming("the ", "{} crate", _PORTS),
            Naming("", "crate {}", _CODES),
        ),
        scenes=(
            "A small crane rearranges {count} crates on the {floor} before the evening ship comes in.",
            "On the {floor} of a harbour {count} crates have been unloaded in the wrong order.",
            "You operate the only crane of a little port, and {count} crates are in your care.",
            "The harbour master has {count} crates on the {floor} and wants them stacked differently.",
            "A ferry is late, so there is time to put the {count} crates on the {floor} in order.",
            "After the storm {count} crates were stacked on the {floor} just as they came off the ship.",
        ),
        rules=(
            "The crane carries one crate at a time and can grip only the top one of a stack. It sets it down on the "
            "{floor}, which has room for every crate, or on the top of another stack.",
            "Each move of the crane takes a crate that has nothing on it and puts it somewhere else: on the {floor}, "
            "where there is always space, or on a crate that has nothing on it either.",
            "Only a crate with nothing on top can be lifted, one per move, and it must come down in a new place, which "
            "may be the {floor} (there is plenty of room) or the uppermost crate of another stack.",
        ),
        goals=(
            "By the time the ship arrives this has to be so:",
            "The loading plan asks for the following:",
            "The harbour master wants to see this:",
            "When the crane is switched off, the {many} must stand like this:",
        ),
    ),
    "desk": Theme(
        one="book",
        many="books",
        stands="lies",
        floors=("desk", "table", "workbench", "sideboard", "counter"),
        namings=(
            Naming("the ", "{} book", _SUBJECTS),
            Naming("the ", "{} book", _COLOURS),
            Naming("the ", "{}", _BOOKS),
            Naming("the ", "{} notebook", _COLOURS),
        ),
        scenes=(
            "A librarian has {count} books lying in piles on the {floor}.",
            "Mira is tidying her study, where {count} books are piled up on the {floor}.",
            "There are {count} books on the {floor}, and the piles need to be sorted for tomorrow's class.",
            "Before the photographer comes, {count} books on the {floor} have to be arranged anew.",
            "A second-hand bookseller looks at the {count} books on her {floor} and shakes her head.",
            "Somebody has returned {count} books and left them in piles on the {floor}.",
        ),
        rules=(
            "Books are heavy, so only one is moved at a time, and only from the top of a pile. It is laid on top of "
            "another pile or on the {floor} itself, where any number of books finds room.",
            "A book may be picked up only if nothing lies on it, a single one each time, and it is then put down "
            "elsewhere: directly on the {floor} (there is enough space) or on a book that nothing lies on.",
            "In one move you take the uppermost book of a pile and lay it in a different place, either on the bare "
            "{floor}, which never fills up, or upon the uppermost book of another pile.",
        ),
        goals=(
            "In the end it should look like this:",
            "This is the arrangement that is needed:",
            "The work is finished once the following is true:",
            "The result should be this:",
        ),
    ),
    "kitchen": Theme(
        one="tin",
        many="tins",
        stands="sits",
        floors=("counter", "worktop", "table", "bench", "sideboard"),
        namings=(
            Naming("the ", "{} tin", _FOODS),
            Naming("the ", "{} tin", _COLOURS),
            Naming("", "{}'s tin", _OWNERS),
            Naming("", "tin {}", _CODES),
        ),
        scenes=(
            "In a bakery {count} stackable tins are kept on the {floor}.",
            "The cook wants the {count} tins on the {floor} stacked in another way before the guests arrive.",
            "Tom has washed the shelves, and now {count} tins stand stacked on the {floor}.",
            "Somebody has put back {count} tins on the {floor} without thinking.",
            "For the winter stock-taking {count} tins have been brought out onto the {floor}.",
            "Two cooks share a {floor} with {count} tins, and they cannot agree on how to stack them.",
        ),
        rules=(
            "One tin is moved at a time. It has to be the top one of its stack, and it goes either onto the top of "
            "another stack or onto the {floor}, where space is no problem.",
            "Whoever rearranges them takes a tin that carries nothing and puts it in a different spot, on the {floor} "
            "(it is long enough for all) or on a tin that carries nothing; then comes the next.",
            "Nothing may be pulled out from under something else: every move takes the uppermost tin of a stack to a "
            "new spot, which is the {floor}, as free as one likes, or the uppermost tin of another stack.",
        ),
        goals=(
            "Afterwards this must hold:",
            "They should end up as follows:",
            "The cook will be content when it is like this:",
            "What is wanted in the end:",
        ),
    ),
}

_NUMBERS = ("three", "four", "five", "six", "seven", "eight", "nine")
_ELSEWHERE = (
    "Where the other {many} end up makes no difference.",
    "All other {many} may be anywhere.",
    "Nothing is asked of the rest of the {many}.",
)
_REQUESTS = (
    "Find a sequence of moves that does it. End with a paragraph that starts with `Answer:` and has the moves below "
    "it, one per line and in order, each written as `move X onto Y` or `move X to the {floor}` (X and Y are the "
    "names of {many}).",
    "How can it be done? Think it through, then finish with `Answer:` followed by the plan, one move on each line, in "
    "exactly one of these two forms: `move X onto Y`, or `move X to the {floor}`, with X and Y being {many} named as "
    "above.",
    "Work out which {one} to move where, and in what order. The last paragraph must read `Answer:` and under it list "
    "one move per line: `move X onto Y` for a move onto another {one}, `move X to the {floor}` otherwise.",
)


def names(rng: Random, theme: str, count: int) -> tuple[str, list[str]]:
    """The article and the names of `count` different things."""
    naming = rng.choice(THEMES[theme].namings)
    return naming.article, [naming.pattern.format(filler) for filler in rng.sample(naming.pool.split(), count)]


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases about the things of one problem. `article` stands before their names."""

    theme: Theme
    floor: str
    article: str

    def the(self, thing: str) -> str:
        return self.article + thing

    def at(self, place: Place) -> str:
        return f"the {self.floor}" if place is None else self.the(place)

    def on(self, place: Place) -> str:
        return f"on {self.at(place)}"

    def onto(self, place: Place) -> str:
        return f"onto {self.at(place)}"

    def listed(self, things: Sequence[str]) -> str:
        """`the red crate, the tea crate and the salt crate`."""
        told = [self.the(thing) for thing in things]
        return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"

    def pairs(self, pairs: Sequence[tuple[str, Place]]) -> str:
        """`the red crate on the quay, the tea crate on the red crate`."""
        return ", ".join(f"{self.the(thing)} {self.on(place)}" for thing, place in pairs)

    def stacks(self, stacks: Stacks) -> str:
        """Every stack from the bottom up, without articles."""
        return "; ".join(", ".join(stack) for stack in stacks)

    def move(self, thing: str, place: Place) -> str:
        """A move in the form that the prompt asks for."""
        return f"move {thing} to the {self.floor}" if place is None else f"move {thing} onto {place}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def prompt(rng: Random, words: Words, initial: Stacks, goal: Stacks) -> str:
    """The whole task as a person would put it."""
    theme, count = words.theme, sum(map(len, initial))
    told = {"floor": words.floor, "one": theme.one, "many": theme.many, "count": _NUMBERS[count - 3]}
    initial, goal = rng.sample(initial, len(initial)), rng.sample(goal, len(goal))
    parts = [
        f"{rng.choice(theme.scenes).format_map(told)} {rng.choice(theme.rules).format_map(told)}",
        rng.choice(_INITIALS)(words, initial),
        f"{rng.choice(theme.goals).format_map(told)}{rng.choice(_GOALS)(words, goal)}",
    ]
    if sum(map(len, goal)) < count:
        parts[-1] += ("\n" if "\n" in parts[-1] else " ") + rng.choice(_ELSEWHERE).format_map(told)
    parts.append(rng.choice(_REQUESTS).format_map(told))
    return "\n\n".join(parts)


def _upward(_: Words, stacks: Stacks) -> str:
    lines = "\n".join(f"- {', '.join(stack)}" for stack in stacks)
    return f"These are the stacks at the moment, each from the bottom up:\n{lines}"


def _downward(_: Words, stacks: Stacks) -> str:
    lines = "\n".join(f"- {', '.join(reversed(stack))}" for stack in stacks)
    return f"Right now there are these stacks, each given from the top down:\n{lines}"


def _chained(words: Words, stacks: Stacks) -> str:
    """`The red crate stands on the quay, with the tea crate on it and then the salt crate on top.`"""
    told = []
    for bottom, *rest in stacks:
        line = f"{words.the(bottom)} {words.theme.stands} {words.on(None)}"
        if not rest:
            line += " with nothing on it"
        else:
            line += f", with {words.the(rest[0])} on it"
            line += "".join(f", then {words.the(thing)} on that one" for thing in rest[1:])
        told.append(capital(line) + ".")
    return " ".join(["This is how things are at first.", *told])


def _topped(words: Words, stacks: Stacks) -> str:
    """`Under the salt crate there is the tea crate, and under that the red crate.`"""
    told = []
    for stack in stacks:
        top, *rest = reversed(stack)
        if rest:
            line = f"under {words.the(top)} there is {words.the(rest[0])}"
            line += "".join(f", under that {words.the(thing)}" for thing in rest[1:])
            told.append(capital(f"{line}, and then the {words.floor}."))
        else:
            told.append(capital(f"{words.the(top)} is directly on the {words.floor} and carries nothing."))
    return " ".join(["At the beginning it looks as follows.", *told])


_INITIALS = (_upward, _downward, _chained, _topped)


def _conditions(words: Words, goal: Stacks) -> str:
    told = [
        f"{words.the(thing)} directly {words.on(place)}"
        for stack in goal
        for place, thing in zip([None, *stack], stack, strict=False)
    ]
    return f" {'; '.join(told)}."


def _wanted_stacks(words: Words, goal: Stacks) -> str:
    told = [
        f"from the bottom up {', then '.join(words.the(thing) for thing in stack)}, the first of them directly "
        f"{words.on(None)} and each next one directly on the one before"
        if len(stack) > 1
        else f"{words.the(stack[0])} directly {words.on(None)}"
        for stack in goal
    ]
    return f" {'; '.join(told)}."


def _goal_list(words: Words, goal: Stacks) -> str:
    lines = "\n".join(f"- {', '.join(stack)}" for stack in goal)
    return (
        f"\n{lines}\nEvery line is read from the bottom up: its first {words.theme.one} is directly {words.on(None)}, "
        "any further one directly on the one before it."
    )


_GOALS = (_conditions, _wanted_stacks, _goal_list)
