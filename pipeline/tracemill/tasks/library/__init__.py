"""`code.execution.library`: what a call of a real function returns.

task.py       the domain: what it makes, solves and gets wrong
harvest.py    finding functions and the examples in their docstrings
pool.py       the calls that can be used, by difficulty; their cache
trace.py      a real execution, recorded
events.py     the record as events
tree.py       the function's source as a tree
mutants.py    misreadings of the source, really executed
telling.py    the events as an explanation
words.py      how it is said
"""
