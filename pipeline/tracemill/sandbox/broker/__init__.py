"""The process that holds the slots: one per machine, user and configuration, found by a socket in a private folder.

starting.py   finds the broker or starts it (in the client)
server.py     its clients: takes jobs, gives back what became of their runs
engine.py     the loop: which run goes to which slot, what is read, what is over its limits
slot.py       one slot as the broker sees it
task.py       a job on its way through the engine
pairs.py      two programs that talk
user_ids.py   a user id for each slot, where the broker is root
control_groups.py  control groups: memory, processes and CPU time counted by the kernel
canaries.py   the attacks at the start, which show the level
"""
