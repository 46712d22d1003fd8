"""The sentences of a solver at work on a linear system, several for each move."""

from __future__ import annotations

SOURCES = ("clue", "fact", "statement", "condition", "sentence")
"""What an equation of the story is called."""
TRANSLATED = (
    "{source} number {n} gives {eq} {label}.",
    "From {source} number {n}: {eq} {label}.",
    "{source} number {n} says that {eq} {label}.",
    "Written as an equation, {source} number {n} is {eq} {label}.",
)
TRANSLATED_NEXT = (
    *TRANSLATED,
    "Next, {source} number {n} means {eq} {label}.",
)
"""For all equations but the first."""
MOVED = (
    "{source} number {n} says {raw}; with all unknowns on the left that is {eq} {label}.",
    "{source} number {n} reads {raw}, and collecting the unknowns on one side gives {eq} {label}.",
    "In {source} number {n} we have {raw}. Bring the unknowns over: {eq} {label}.",
)
SCALED = (
    "Multiply {src} by {k}: {eq}.",
    "{k} times {src} is {eq}.",
    "To match the coefficients of {u}, scale {src} by {k}, which gives {eq}.",
    "Taking {src} {k} times yields {eq}.",
)
ADDED = (
    "Adding {a} and {b} makes {u} vanish: {eq} {label}.",
    "The {u}-terms of {a} and {b} have opposite signs, so add the two: {eq} {label}.",
    "Add {a} to {b}, and {u} drops out, leaving {eq} {label}.",
)
SUBTRACTED = (
    "Subtracting {b} from {a} removes {u}: {eq} {label}.",
    "{a} minus {b} no longer contains {u}: {eq} {label}.",
    "Take {b} away from {a}, and {u} is gone; what remains is {eq} {label}.",
    "Both contain the same multiple of {u}, so subtract {b} from {a}: {eq} {label}.",
)
ISOLATED = (
    "Solve {src} for {u}: {eq}.",
    "{src} lets us express {u} by the rest, {eq}.",
    "{src} rearranged for {u} is {eq}.",
)
INSERTED = (
    "Put this into {src}: {raw}, and so {eq} {label}.",
    "With this expression for {u}, {src} turns into {raw}, that is, {eq} {label}.",
    "Replacing {u} in {src} gives {raw}. Collecting terms, {eq} {label}.",
)
INSERTED_NEXT = (
    "Put the same expression for {u} into {src}: {raw}, and so {eq} {label}.",
    "In the same way, {src} turns into {raw}, that is, {eq} {label}.",
    "Replacing {u} in {src} as well gives {raw}. Collecting terms, {eq} {label}.",
)
"""For all rows but the first into which an expression is put."""
DIVIDED = (
    "{eq}, or, divided by {k}, {smaller}",
    "{eq}, and after division by {k}, {smaller}",
    "{eq}; dividing by {k} makes this {smaller}",
)
TURNED = ("{eq}, or, with all signs changed, {smaller}", "{eq}, which is the same as {smaller}")
FILLED = (
    "Put {known} into {src}: {raw}",
    "Since {known}, {src} becomes {raw}",
    "With {known}, {src} reads {raw}",
    "Now use {known} in {src}: {raw}",
)
HENCE_ALONE = ("hence {eq}", "so {eq}", "that leaves {eq}", "this means that {eq}")
"""At the beginning of a sentence."""
HENCE = ("hence {eq}", "so {eq}", "which leaves {eq}", "that is, {eq}")
VALUE_SO = (
    "So {eq}.",
    "Therefore {eq}.",
    "It follows that {eq}.",
)
VALUE = (
    *VALUE_SO,
    "Dividing by {k}, {eq}.",
    "Divide both sides by {k} to get {eq}.",
)
SUMMED = (
    "The amount asked for is {raw} = {value}.",
    "Now for what was asked: {raw} = {value}.",
    "Altogether that makes {raw} = {value}.",
    "So the answer to the question is {raw} = {value}.",
)
CHECKED = (
    "As a check, {source} number {n}: {raw}, which holds.",
    "Does this agree with {source} number {n}? Yes: {raw}.",
    "Test it on {source} number {n}: {raw}, as it should be.",
    "A look back at {source} number {n} confirms it, since {raw}.",
)
PREAMBLES = (
    "Write {meanings}, counted in {unit}.",
    "Let me use {meanings}, all in {unit}.",
    "I write {meanings}.",
    "As unknowns take {meanings}.",
)
CLOSINGS = (
    "So the result is {said}.\n\n{boxed}",
    "That makes {said}.\n\n{boxed}",
    "That settles it: {said}.\n\n{boxed}",
    "This leads to the answer {boxed}.",
    "The answer is {boxed}.",
    "Altogether this gives {boxed}.",
)
