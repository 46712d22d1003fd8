"""The names of the walls, and which of them each level has."""

from __future__ import annotations

from tracemill.sandbox.jobs import Level

RLIMITS = frozenset({"rlimits"})
SUPERVISED = frozenset(
    {
        "environment",  # started from an empty one
        "descriptors",  # all but its own are closed
        "cpu",  # CPU time of all processes together
        "wall",  # what sleeps or is stopped is ended
        "output",  # what is printed is cut at the limit
        "tree",  # whatever is left of a run is killed, daemons included
        "broker_death",  # everything ends with the broker
        "watch",  # processes, memory and files are added up while the run goes on
        "fresh",  # each run has files of its own
    }
)
PROCESS = frozenset(
    {
        "capabilities",  # none, and none to be had
        "no_new_privs",  # a setuid program gives nothing
        "seccomp",  # system calls are refused
        "landlock",  # files, TCP, abstract sockets, signals
        "own_uid",  # as root: a user id that nothing else has
        "dumpable",  # the processes that wait cannot be traced or read
    }
)
NAMESPACES = frozenset(
    {
        "user",  # its capabilities reach nothing outside
        "pid",  # it sees and signals only its own processes
        "mount",  # an empty root with what interpreters need, read-only
        "net",  # no interface but a loopback that is down
        "ipc",  # no SysV objects of others
        "uts",  # a host name of its own
        "sizes",  # bytes and files of each writable folder are bounded
        "read_only_proc",  # /proc cannot be written
    }
)
CGROUP = frozenset(
    {
        "cgroup",  # memory, processes and CPU time are counted by the kernel, all processes together
        "oom_counter",  # a run in which something was killed for memory has broken its limit, whatever it prints
    }
)

OF_LEVEL: dict[Level, frozenset[str]] = {
    "L3": SUPERVISED | RLIMITS | PROCESS | NAMESPACES | CGROUP,
    "L2": SUPERVISED | RLIMITS | PROCESS | NAMESPACES,
    "L1": SUPERVISED | RLIMITS | PROCESS,
    "L0": SUPERVISED | RLIMITS,
}
