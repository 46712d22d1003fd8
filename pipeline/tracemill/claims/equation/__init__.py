"""Claims of the kind `equation`: two expressions have the same value."""
