"""`code.execution.library`: what a call of a real function returns.

task.py       the task: its problems, and whose execution is told
words.yaml    how it is said
telling.py    an execution as steps, with loops round by round
clauses.py    an event as a clause and the facts that it states
series.py     like rounds of a loop told together
rechecks.py   single facts looked at again: doubts, and how a mistake is seen
shown_values.py  values in a sentence
code_text.py  code in a sentence
oracle.py     what really happens, by a debugger

pool.py       the calls that can be used, by difficulty; their cache
harvest.py    finding functions and the examples in their docstrings
needs.py      all that a prompt must show beside the source
helpers.py    what a function calls: known, or shown with its source
surroundings.py  what code reads from around it: imports, constants, attributes
bindings.py   how a module gets its names
known.py      what a reader is taken to know
known.yaml    the same, as data
tracing.py    a real execution, recorded
events.py     the record as events, and what is true of it
tree.py       the events with the rounds of a loop inside the loop
mutants.py    a function as somebody misreads it, really executed
misreadings.py  how an expression is misread, a value got wrong
"""
