"""The command line: commands, progress, and traces with their ledger as text."""
