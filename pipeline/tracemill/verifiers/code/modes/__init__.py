"""A module for each mode of a code check: how tests become runs of a program, and runs results.

any_mode.py  which of them judges a program
stdin.py     text in, text out, compared or put before a special judge
call.py      a function, its arguments, the value that is expected
printed.py   what a program prints, said by the reply
unit.py      test files, which run in a cage of their own beside the program's
"""
