"""Models that the run serves itself: vLLM replicas on a Ray cluster."""
