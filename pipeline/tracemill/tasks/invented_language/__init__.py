"""`linguistics.morphology.invented_language`: the parts of words in an invented language, from examples.

task.py      the task: prompts and answers
inventing.py languages: sounds, parts, and which words are shown
language.py  how a word is made of its parts, as text and as a formula
telling.py   comparing words, cutting them, putting parts together
pieces.py    pieces of words in the text
words.yaml   the peoples, what their words mean, the phrases, the mistakes
oracle.py    what is right, found another way
"""
