"""`math.algebra.linear_system`: systems of linear equations, told as stories.

task.py      the domain: what it makes, solves and gets wrong
rows.py      equations as rows
solving.py   elimination and substitution, step by step, with a mistake where one is wanted
phrases.py   how steps are said
words.py     the stories
"""
