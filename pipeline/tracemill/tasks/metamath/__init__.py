"""`logic.metamath.*`: theorems of Metamath's databases, and proofs as people would tell them.

proof_task.py         prove it
missing_step_task.py  what does the missing line say?
wrong_step_task.py    which lines follow?
lemma_task.py         which rule gives this?
task.py               what the four share: a theorem drawn, its rules shown
oracle.py             what follows, by symbol strings alone

telling.py    a proof told forward or backward
mistakes.py   steps that look right and are none
checking.py   whether a line follows, and what is said of it
posing.py     a theorem as a problem, in formal terms and in words
notation.py   how formulas are written and said; notation.yaml
theorems.py   the theorems that can be used, by difficulty; their cache
split.py      which of them may be held out
databases.py  where the databases are
"""
