"""Metamath databases: reading them, checking their proofs, and parsing their formulas.

keywords.py         a file as keywords and the words between them, without comments, its includes read where they stand
database.py         what a database says: hypotheses, assertions, and what is in scope where
database_reader.py  a file read into a database, by the whole of the specification
proofs.py           a proof decoded and checked
grammar.py          formulas parsed by the syntax axioms
logical_steps.py    a proof without its syntax
writing.py          formulas as people write them

The specification is chapter 4 of N. Megill and D. A. Wheeler, Metamath, 2nd edition, 2019 (us.metamath.org). What it
does not allow is refused with its place; nothing is repaired.
"""
