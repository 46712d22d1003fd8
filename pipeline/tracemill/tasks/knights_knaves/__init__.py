"""`logic.puzzle.knights_knaves`: who tells the truth.

task.py       the domain: what it makes, solves and gets wrong
logic.py      statements and what they mean
canonical.py  which puzzles are the same but for who is who
solving.py    hypothesis, propagation and contradiction
phrases.py    how steps are said
words.py      the settings and their people
"""
