"""Datasets on the Hugging Face Hub: what is there, what would change, and one commit that changes it."""
