"""Claims of the kind `execution`: what happens when a function of a package is called.

checker.py    the claims, and how they are decided
observing.py  one instrumented execution; runs in the sandbox
shipping.py   functions of ours as an archive for the sandbox
values.py     what is seen of a value
canaries.py   facts of known outcome
calls.py      a call of a package's function, with its source
named_calls.py  such a call found again by name and hash
listed_calls.py  the same, of listed modules only
packages.py   the packages and modules that calls are of, with their licences
modules.yaml  the catalogue: modules with their calls
made_calls.py inputs made for a function, each again by its number
purity.py     which functions only compute, and so may be called with them
holes.py      a call with another first argument
variants.py   a function with some of its expressions changed
properties.py properties of results, over finite domains
run_answers.py  what an answer about a call does; runs in the sandbox
chance.py     the packages' own random numbers, the same in every process
"""
