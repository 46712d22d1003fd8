"""A real language model of 135M parameters that comes from the package index: for tests and for a laptop."""
