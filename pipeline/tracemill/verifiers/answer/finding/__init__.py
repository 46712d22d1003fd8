"""Where a text states its final answer, and what around it takes that back."""
