"""The files of `tracemill init`. NAME stands for the name that is given there."""
