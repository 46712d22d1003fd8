"""Untrusted code on this machine: what it may do, what became of it, and how tightly it was held.

jobs.py       what is run, within which limits, and what became of it
client.py     `Sandbox`: runs jobs
config.py     what a user may say of it
values.py     Python values as JSON with their types kept apart
payload.py    a job as one piece of sealed memory
program.py    inside the cage: the candidate's program or function
supervisor.py outside: pipes with caps, CPU time and idle time, and the verdict on how a run ended

limited.py    not for untrusted code: our own code on hostile input, in a child with limits
"""
