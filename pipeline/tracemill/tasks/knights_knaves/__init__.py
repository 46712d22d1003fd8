"""`logic.puzzle.knights_knaves`: who tells the truth.

task.py        the task: the puzzles, the whole solution
statements.py  statements as truth tables and as formulas
grouping.py    which puzzles are the same but for who is who
inference.py   what follows from one statement, and what people wrongly take to follow
telling.py     the solution, step by step, with its cases
story.py       the prompt, and statements in words
words.yaml     the settings, the phrases, the mistakes
oracle.py      what is right, found another way
"""
