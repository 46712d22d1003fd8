"""What is published of a build: figures, report, card, shards."""
