"""Claims of the kind `entailment`: a formula follows from what the step uses."""
