"""`code.execution.*`: what a call of a real function returns (`library`), its trace (`trace`), with which argument it
gives a value (`input`), which line of a changed function is wrong (`fault`), what holds of all results (`property`).

task.py       `library`: its problems, and whose execution is told
trace_task.py, input_task.py, fault_task.py, property_task.py   the others
call_task.py  what they share: which calls they ask about, code in a prompt
words.yaml    how it is said; trace.yaml, input.yaml, fault.yaml, property.yaml: how the others say what is their own
trying.py     one execution after the other, until one gives what is wanted
line_telling.py  an execution line by line, with values before and after
telling.py    an execution as steps, with loops round by round
clauses.py    an event as a clause and the facts that it states
series.py     like rounds of a loop told together
rechecks.py   single facts looked at again: doubts, and how a mistake is seen
shown_values.py  values in a sentence
code_text.py  code in a sentence
oracle.py     what really happens, by a debugger

pool.py       the calls that can be used, by difficulty, from the catalogue; the harvest of a module and its cache
catalogue.py  writes the catalogue (`claims/execution/modules.yaml`)
harvest.py    finding functions, the examples in their docstrings and the inputs that are made for them
asks.py       what can be asked of a made input beside its result
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
