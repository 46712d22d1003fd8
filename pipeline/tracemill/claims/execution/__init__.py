"""Claims of the kind `execution`: what happens when a function of a package is called.

checker.py    the claims, and how they are decided
observing.py  one instrumented execution; runs in the sandbox
shipping.py   what observes, as an archive for the sandbox
values.py     what is seen of a value
canaries.py   facts of known outcome
calls.py      a call of a package's function, found again by name and hash
packages.py   the packages and modules that calls are of, with their licences
chance.py     the packages' own random numbers, the same in every process
"""
