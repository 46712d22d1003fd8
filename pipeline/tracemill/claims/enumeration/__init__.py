"""Claims of the kind `enumeration`: what holds in every solution over variables with finitely many values each.

checker.py   the checker, and what a claim's payload is
search.py    the solutions of some formulas, by search
terms.py     the grammar of formulas, and of the values that a variable may have
canaries.py  claims of known outcome
"""
