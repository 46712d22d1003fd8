"""`planning.classical.blocks_world`: one thing at a time, from the top of a stack.

task.py      the task: the problems it makes
story.py     the words of one problem, and its prompt
board.py     stacks that are moved about
planner.py   how the next move is chosen, and what plan comes of it
telling.py   the solution, step by step, with its marked mistakes
words.yaml   the settings, their things, the phrases, the mistakes
oracle.py    what is right, found another way
"""
