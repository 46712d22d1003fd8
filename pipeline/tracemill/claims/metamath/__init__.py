"""Claims of the kind `metamath`: a formula follows by one named rule from what the step uses.

system.py     the premises of a problem: syntax, rules, hypotheses, which variables are distinct
unifying.py   whether a rule gives a formula from some others, and by which substitution
checker.py    the claims judged
canaries.py   cases of known outcome
"""
