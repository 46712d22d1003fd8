"""`math.algebra.linear_system`: systems of linear equations, in stories.

task.py         the task: the problems, their stories, the whole solution
telling.py      a solution, step by step: equations from the story, values from equations
elimination.py  freeing equations of an unknown
sites.py        where mistakes can be made
outlook.py      what answer a mistake would lead to
rows.py         equations as rows
words.yaml      the stories, the phrases, the mistakes
oracle.py       what is right, found another way
"""
