"""`area.field.name`: say here what the task asks.

task.py      the task: its problems, and how they are solved
words.yaml   the stories, the phrases, the mistakes
oracle.py    what is right, found another way
"""
