"""`code.repository.repair`: a fault in a small repository, found and repaired with tools.

packages/            the repositories, as data: modules, the history of their commits, cases of their tests
faults.jsonl         faults that can be put into them, found by `cataloguing.py`: one changed line, and what fails then
sample_packages.py   packages as files, commits and tests
cataloguing.py       makes `faults.jsonl`
task.py              a problem: a package with a fault, and what a user says of it
telling.py           the conversation: looks, a wrong place, the cause, the edit, the tests
wrong_repairs.py     edits that repair nothing, and what somebody believes of them
oracle.py            runs the hidden tests in another way
"""
