"""The walls around a program: what a process gives up before the program starts in it.

defences.py   the names of the walls, and which of them each level has
kernel.py     the system calls that Python has no function for
seccomp.py    which system calls the program may make
landlock.py   which files it may open where there is no mount namespace, and whom it may signal
limits.py     what the kernel bounds for each process and its user
setup.py      what a slot is to be
messages.py   between the broker, a keeper and its zygote
root.py       the file system that it sees
keeper.py     makes the namespaces of a slot and a first process for each run's own
zygote.py     waits with its modules loaded and forks the program
"""
