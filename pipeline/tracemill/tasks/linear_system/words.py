"""The three stories in which a linear system is told: a market stall, a theatre's box office, a workshop.

A story is made of sentences, one per equation; every number in it is a coefficient or a constant of the system. Not
covered here: what the equations are (`task.py`) and how they are solved (`solving.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random


@dataclass(frozen=True, slots=True)
class Theme:
    """The words of one setting.

    `items`: symbol to (singular, plural). `verbs`: what an item does with its amount, singular and plural.
    `units`: the unit of the amounts, in the plural. `amount`: the unknown of one item, `{one}` being "an apple".
    In sentences `{left}`, `{right}` are bundles, `{c}` an amount with its unit, `{who}` a person, `{cost}` the verb.
    """

    items: Mapping[str, tuple[str, str]]
    verbs: tuple[str, str]
    units: tuple[str, ...]
    amount: str
    people: tuple[str, ...]
    places: tuple[str, ...]
    intros: tuple[str, ...]
    totals: tuple[str, ...]
    questions: tuple[str, ...]
    single: tuple[str, ...]
    bundle: tuple[str, ...]


def _items(text: str, suffix: str = "") -> dict[str, tuple[str, str]]:
    """`apple cherry/cherries` to symbols with their singular and plural; a suffix takes the plural upon itself."""
    table = {}
    for entry in text.split():
        name, _, plural = entry.partition("/")
        table[name] = (f"{name} {suffix}", f"{name} {suffix}s") if suffix else (name, plural or f"{name}s")
    return table


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PEOPLE = _listed(
    "Amira Bastian Celeste Dmitri Elena Farid Greta Hiro Ines Jonas Kamala Lorenzo Mirela Nadia Oskar Priya Quentin "
    "Rosa Samuel Tamsin Umar Valeria Wanda Xavier Yusuf Zelda Anselm Brigid Cosimo Dalia Emeka Fiona Gideon Halima "
    "Ivo Jasmin Koji Leila Marek Noor Olga Pablo Renata Stellan Tariq Ursula Viktor Winona Yara Zoltan"
)
PLACES = _listed(
    "Aldermoor Birchwick Castelmar Dunholm Eastvale Fernleigh Grenmouth Harrowgate Ivybridge Juniper Kestrelton "
    "Larkhaven Millbrook Northcott Oakhurst Pinefield Quarryside Ravensby Stonecross Thornbury Ullswick Westermere "
    "Yarrowby Zellingen Bellavista Porto Lindqvist Marisol"
)

ONE_OF = {
    "pennies": "penny",
    "metres of timber": "metre of timber",
    "tins of varnish": "tin of varnish",
    "kilograms of oak": "kilogram of oak",
    "zloty": "zloty",
}
"""Units whose singular is not the plural without its s."""

THEMES: dict[str, Theme] = {
    "market": Theme(
        items=_items(
            "apple pear plum melon lemon orange fig peach/peaches mango/mangoes coconut quince apricot banana papaya "
            "leek onion turnip pumpkin cabbage cauliflower radish/radishes cucumber aubergine lettuce artichoke "
            "loaf/loaves cheese egg sausage pretzel honeycomb candle basket jar"
        ),
        verbs=("costs", "cost"),
        units=("coins", "crowns", "euros", "pennies", "shillings", "dollars", "francs"),
        amount="the price of {one}",
        people=PEOPLE,
        places=PLACES,
        intros=(
            "On Saturday {who} sets up a stall on the market square of {place}.",
            "The market in {place} opens early, and {who} keeps note of what people buy.",
            "{who} has come to {place} to buy food for a feast but finds no price tags on the stall.",
            "At the farmers' market of {place}, the price list has blown away, so {who} works from memory.",
            "{who} is learning the trade at a stall in {place} and studies yesterday's receipts.",
            "A torn page from the account book of {who}, trader in {place}, still shows some sales.",
            "Every item at the stall of {who} in {place} has a fixed price.",
            "Shoppers compare notes after a morning at the market of {place}, where {who} sells.",
        ),
        totals=(
            "{who} pays {c} for {left}.",
            "For {left}, {who} hands over {c}.",
            "{who} leaves with {left} and is {c} poorer.",
            "A bag with {left} is sold to {who} for {c}.",
            "One receipt reads: {left}, altogether {c}.",
            "{who} fills a crate with {left}; the bill comes to {c}.",
            "Buying {left} sets {who} back {c}.",
            "{left} come to {c} in all, as {who} finds out.",
            "The stall takes {c} from {who} in exchange for {left}.",
        ),
        questions=(
            "What does each item cost?",
            "Find the price of every kind of item.",
            "What is the price of each?",
            "Work out all the prices.",
            "Which price belongs to which item?",
        ),
        single=(
            "How much is {left}?",
            "What must one pay for {left}?",
            "Find the price of {left}.",
        ),
        bundle=(
            "How much would {left} cost together?",
            "What will {who} pay for {left}?",
            "Find the bill for {left}.",
            "Another customer wants {left}: what is the price of it all?",
        ),
    ),
    "theatre": Theme(
        items=_items(
            "adult child student senior balcony box gallery stalls matinee premiere family group member press guest "
            "standing circle terrace loge evening weekend festival backstage tourist pensioner teacher",
            "ticket",
        ),
        verbs=("costs", "cost"),
        units=("euros", "dollars", "pounds", "crowns", "francs", "zloty", "pesos"),
        amount="the price of {one}",
        people=PEOPLE,
        places=PLACES,
        intros=(
            "The playhouse in {place} sells several kinds of tickets, and {who} does the bookkeeping.",
            "{who} runs the box office of the {place} theatre and has lost the price list.",
            "After the season at {place}, {who} goes through the takings.",
            "A drama club in {place} tours with a comedy; {who} keeps the cash box.",
            "The opera house of {place} never prints prices on its tickets, which puzzles {who}.",
            "{who}, new at the counter of a small stage in {place}, reads the log of earlier sales.",
            "A travelling circus stops in {place}, and {who} counts what the tickets bring in.",
        ),
        totals=(
            "One evening, {left} bring in {c}.",
            "A school party organised by {who} takes {left} and pays {c}.",
            "For {left} the till shows {c}.",
            "{who} orders {left} by telephone; the charge is {c}.",
            "Before the curtain rises, {left} have been sold, which makes {c}.",
            "The sale of {left} adds {c} to the cash box.",
            "A booking in the name of {who} lists {left} at {c} altogether.",
            "On the opening night {who} collects {c} for {left}.",
            "The log has an entry of {c} against {left}.",
        ),
        questions=(
            "What is the price of each kind of ticket?",
            "Reconstruct the price list.",
            "How much does each sort of ticket cost?",
            "Determine all the ticket prices.",
        ),
        single=(
            "What is the price of {left}?",
            "How much does the theatre charge for {left}?",
            "Find what {left} costs.",
        ),
        bundle=(
            "What do {left} cost in all?",
            "{who} would like {left}; what will the charge be?",
            "How much would the sale of {left} bring in?",
            "Find the total for {left}.",
        ),
    ),
    "workshop": Theme(
        items=_items(
            "chair table stool shelf/shelves bench/benches cabinet drawer desk ladder crate frame bookcase cradle "
            "chest wardrobe lamp bowl clock sledge birdhouse trunk easel rack tray toolbox/toolboxes door gate "
            "kite drum flute puppet wheelbarrow"
        ),
        verbs=("takes", "take"),
        units=("hours", "metres of timber", "tins of varnish", "boards", "working days", "kilograms of oak", "sheets"),
        amount="what {one} takes",
        people=PEOPLE,
        places=PLACES,
        intros=(
            "In the joinery of {who} in {place}, each kind of piece always takes the same amount, counted in {unit}.",
            "{who} plans the next month at a workshop in {place} and wants to know the {unit} that each piece takes.",
            "The order book of a workshop in {place} records only whole jobs, in {unit}.",
            "{who} has taken over a workshop near {place} and must estimate the {unit} needed per piece.",
            "Apprentices of {who} in {place} note how many {unit} every job needs.",
            "A cooperative in {place} settles with {who} by the {unit} that go into its products.",
        ),
        totals=(
            "Making {left} takes {c}.",
            "An order by {who} for {left} used up {c}.",
            "{who} finished {left} with {c}.",
            "Last week {left} were built, which needed {c}.",
            "For a customer who wants {left}, the workshop reckons {c}.",
            "The job sheet of {who} lists {left} and a total of {c}.",
            "{c} went into {left}.",
            "To deliver {left}, {who} needs {c}.",
        ),
        questions=(
            "How much does each kind of piece take?",
            "Find the amount for one piece of every kind.",
            "What does a single piece of each kind take?",
            "Work out the amount for each product.",
        ),
        single=("How much does {left} take?", "What should {who} reckon for {left}?", "Find the amount for {left}."),
        bundle=(
            "How much do {left} take in all?",
            "The next order is {left}; how much will it take?",
            "What does {who} need for {left}?",
        ),
    ),
}

_MORE = (
    "{Left} {cost} {c} {more} than {right}.",
    "Compared with {right}, {left} {cost} {c} {more}.",
    "{who} notices that {left} {cost} {c} {more} than {right}.",
    "It is known that {left} {cost} {c} {more} than {right}.",
    "By {who}'s reckoning, {left} {cost} {c} {more} than {right}.",
)
_SAME = (
    "{Left} {cost} exactly as much as {right}.",
    "{who} could swap {left} for {right} without any difference.",
    "{Left} {cost} neither more nor less than {right}.",
    "{Left} {cost} the same as {right}.",
)
_TIMES = (
    "{Left} {cost} {k} as much as {one}.",
    "Take {one}: {left} {cost} {k} as much.",
    "{who} remarks that {left} {cost} {k} as much as {one}.",
)
_TIMES_MORE = (
    "{Left} {cost} {c} {more} than {k} {amount}.",
    "Take {k} {amount}: {left} {cost} {c} {more} than that.",
    "{who} says that {left} {cost} {c} {more} than {k} {amount}.",
)
_TIMES_AS_MUCH = {2: "twice", 3: "three times"}
_WHOLE = ("", "", "All amounts are whole numbers of {unit}. ", "Everything comes out in whole {unit}. ")
_PARTS = (
    "The amounts need not be whole numbers. ",
    "Fractions of {unit} may occur. ",
    "Give exact fractions where an amount is not whole. ",
    "Not every amount is a whole number. ",
)
_FIELDS = (
    "Finish with \\boxed{{{fields}}}.",
    "State the result as \\boxed{{{fields}}}.",
    "Put the final answer in the form \\boxed{{{fields}}}.",
    "Close your reply with \\boxed{{{fields}}}, filling in the numbers.",
    "The last line should be \\boxed{{{fields}}} with numbers in place of the dots.",
)
_NUMBER = (
    "Finish with the number in \\boxed{}.",
    "Put the final number, without a unit, in \\boxed{}.",
    "State the result as \\boxed{} around a single number.",
    "Close your reply with the bare number inside \\boxed{}.",
)


def an(noun: str) -> str:
    """The noun with its indefinite article."""
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def measured(value: Fraction, unit: str) -> str:
    """`1 coin`, `3 coins`, `1/2 coins`."""
    return f"{value} {ONE_OF.get(unit, unit[:-1]) if value == 1 else unit}"


def joined(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def bundle(theme: Theme, names: Sequence[str], terms: Sequence[Sequence[int]]) -> str:
    """`3 apples, 2 pears and a plum` for terms (index of a name, count)."""
    parts = []
    for index, count in terms:
        singular, plural = theme.items[names[index]]
        parts.append(an(singular) if count == 1 else f"{count} {plural}")
    return joined(parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def cast(theme: Theme, rng: Random) -> Iterator[str]:
    """People for one story, none of them twice."""
    return iter(rng.sample(theme.people, len(theme.people)))


def _sentence(template: str, people: Iterator[str], **words: str) -> str:
    return _capital(template.format(who=next(people), **words))


def equation_sentence(
    theme: Theme,
    unit: str,
    names: Sequence[str],
    left: list[list[int]],
    right: list[list[int]],
    c: Fraction,
    people: Iterator[str],
    rng: Random,
) -> str:
    """The sentence for `left = right + c`: a total where `right` is empty, else a comparison."""
    told_left = bundle(theme, names, left)
    if not right:
        return _sentence(rng.choice(theme.totals), people, left=told_left, c=measured(c, unit))
    alone = len(left) == 1 and left[0][1] == 1
    words = {
        "left": told_left,
        "Left": _capital(told_left),
        "right": bundle(theme, names, right),
        "cost": theme.verbs[0] if alone else theme.verbs[1],
        "c": measured(abs(c), unit),
        "more": "more" if c > 0 else "less",
    }
    if len(right) == 1 and right[0][1] > 1:
        words["k"] = _TIMES_AS_MUCH[right[0][1]]
        words["one"] = an(theme.items[names[right[0][0]]][0])
        words["amount"] = theme.amount.format(one=words["one"])
        return _sentence(rng.choice(_TIMES_MORE if c else _TIMES), people, **words)
    return _sentence(rng.choice(_MORE if c else _SAME), people, **words)


def question(
    theme: Theme,
    unit: str,
    names: Sequence[str],
    ask: list[list[int]],
    whole: bool,
    people: Iterator[str],
    rng: Random,
) -> str:
    """What is asked and in what form the answer is wanted. An empty `ask` asks for every unknown."""
    note = rng.choice(_WHOLE if whole else _PARTS).format(unit=unit)
    if not ask:
        fields = ", ".join(f"{name} = ..." for name in names)
        return f"{note}{rng.choice(theme.questions)} {rng.choice(_FIELDS).format(fields=fields)}"
    forms = theme.single if len(ask) == 1 and ask[0][1] == 1 else theme.bundle
    asked = _sentence(rng.choice(forms), people, left=bundle(theme, names, ask))
    return f"{note}{asked} {rng.choice(_NUMBER)}"


def intro(theme: Theme, unit: str, people: Iterator[str], rng: Random) -> str:
    """The opening sentence."""
    return _sentence(rng.choice(theme.intros), people, place=rng.choice(theme.places), unit=unit)
