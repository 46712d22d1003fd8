"""What a trainer reads: the rows of each view and their schema."""
