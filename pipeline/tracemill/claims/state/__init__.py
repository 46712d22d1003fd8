"""Claims of the kind `state`: a move of a planning problem and the state after it."""
