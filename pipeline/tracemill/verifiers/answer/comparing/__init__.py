"""Whether two answers that were read are the same."""
