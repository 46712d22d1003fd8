"""What the letters of two readings say: names of values, and capitals that matter."""

from __future__ import annotations

from tracemill.verifiers.answer.grammar.kinds_of_reading import Items, NamedValue, PlainWords


def bare(name: str) -> str:
    return "".join(character for character in name if character not in "{}\\ ")


def is_letter(name: str) -> bool:
    return len(bare(name).partition("_")[0]) == 1


def same_letters(one: PlainWords, other: PlainWords, of_chemistry: bool = False) -> bool:
    """`CO` is not `Co`, nor `AB` `ab`; `RED` is `red`: a word has a vowel, and no capitals amid small letters. `NO` is
    `No`, but for nitric oxide and nobelium where the question is `of_chemistry`."""
    if one.text == "no" and of_chemistry:
        return one.written == other.written
    if one.written[1:] == other.written[1:] or len(one.text) > _SYMBOL or one.text in ("yes", "no"):
        return True
    mixed = any(not (text.isupper() or text[1:].islower()) for text in (one.written, other.written))
    return len(one.text) > _PAIR and not mixed and not _VOWEL.isdisjoint(one.text)


_SYMBOL, _PAIR = 3, 2
"""Letters of what may be a formula or a product; two always may be."""
_VOWEL = frozenset("aeiou")


def letters_of(named: NamedValue) -> tuple[str, ...]:
    """The letters of `(x, y) = (1, 2)`; none of a single name."""
    name, values = bare(named.name), named.value
    if not (name[:1] == "(" and name[-1:] == ")" and isinstance(values, Items) and values.brackets == "()"):
        return ()
    letters = tuple(name[1:-1].split(","))
    return letters if len(letters) == len(values.items) == len(set(letters)) else ()


def in_order_of(letters: tuple[str, ...], answer: NamedValue, others: tuple[str, ...]) -> NamedValue:
    items = answer.value.items if isinstance(answer.value, Items) else ()
    values = dict(zip(others, items, strict=True))
    return NamedValue(answer.name, Items("()", tuple(values[letter] for letter in letters)))


def letters_in(items: Items) -> frozenset[str]:
    """The letters of `x = 1, y = 2`; none where they are one letter's values (`x_1 = 1, x_2 = 2`) or not all named."""
    names = [bare(item.name)[:1] for item in items.items if isinstance(item, NamedValue) and is_letter(item.name)]
    return frozenset(names) if len(names) == len(items.items) and len(set(names)) > 1 else frozenset()


def holds_sets(items: Items) -> bool:
    return any(isinstance(item, Items) and item.brackets == "{}" for item in items.items)
