"""Untrusted code on this machine: what it may do, what became of it, and how tightly it was held.

jobs.py          what is run, within which limits, and what became of it
client.py        `Sandbox`: runs jobs; shared.py: the one of this process
config.py        what a user may say of it
broker/          the process that holds the slots, one for a machine and user
cage/            the walls around a program
supervisor.py    outside: pipes with caps, CPU time and idle time, and how a run ended
process_tree.py  what processes do, seen through /proc
payload.py       a job as one piece of sealed memory
program.py       inside the cage: becomes the program, or calls its function; forks.py: several runs
channel.py       inside: the way out for values
environment.py   what makes interpreters give the same everywhere
transfer.py      Python values as JSON with their types kept apart
limited.py       not for untrusted code: our own code on hostile input, in a child with limits
"""
