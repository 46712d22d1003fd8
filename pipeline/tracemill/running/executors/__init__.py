"""Executors: where the work is done. In this process, or on a Ray cluster; the driver writes in both cases."""
