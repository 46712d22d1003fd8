"""What the tasks share.

words.py              words.yaml of a task: themes, phrases, misconceptions; drawing phrases from it
teller.py             telling a solution: moves, claims, levels of detail, marked sites of mistakes, checks
lengths.py            how long a wrong solution may be
narrated_task.py      the base of tasks: right, flawed and corrected solutions from one telling
words.yaml            what every teller can say: doubts, checks, taking a mistake back
formulas.py           SMT-LIB terms and answers, as oracles read them
rational_oracle.py    linear equations over the rationals
assignment_oracle.py  finitely many assignments, all of them tried
transitions.py        systems that move from state to state
"""
