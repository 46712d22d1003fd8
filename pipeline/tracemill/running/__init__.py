"""A build: its config, its phases in order, and the executors that do the work."""
