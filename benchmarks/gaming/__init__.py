"""What a policy learns from scorers that can be gamed, and from ours: `python -m benchmarks.gaming`."""
