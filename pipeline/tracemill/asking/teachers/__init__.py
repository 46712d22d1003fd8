"""Teachers: what writes solutions. All answer the same call; some are models, some are not."""
