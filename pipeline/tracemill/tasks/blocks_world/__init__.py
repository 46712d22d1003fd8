"""`planning.classical.blocks_world`: one thing at a time, from the top of a stack.

task.py      the domain: what it makes, solves and gets wrong
board.py     configurations and the planner
telling.py   how moves are explained
words.py     the settings and their things
"""
