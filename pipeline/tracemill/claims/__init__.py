"""What a step can claim: a folder per kind of claim with its payload and its checker."""
