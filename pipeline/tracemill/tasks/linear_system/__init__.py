"""`math.algebra.linear_system`: systems of linear equations, told as stories.

task.py      the task: the problems, their stories, the whole solution
telling.py   elimination and substitution, step by step
rows.py      equations as rows
words.yaml   the stories, the phrases, the mistakes
oracle.py    what is right, found another way
"""
