"""A file per command: `status_command.py` is `tracemill status`. A new `<name>_command.py` with a COMMAND adds one."""
