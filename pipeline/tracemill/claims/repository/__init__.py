"""Claims about a repository: what its tools gave, and what its code computes."""
