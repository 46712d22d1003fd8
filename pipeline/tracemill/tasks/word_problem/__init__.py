"""`math.arithmetic.word_problem`: short word problems of one to four steps of arithmetic.

task.py     the task: prompts, answers, solutions
drawing.py  which moves a story has, and their numbers
moves.py    what happens in a story, and the calculations that it comes to
story.py    the text of a problem
telling.py  a solution, step by step, with the places of mistakes
words.yaml  the stories, the phrases, the mistakes
oracle.py   what is right, found another way
"""
