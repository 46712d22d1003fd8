"""Measurements: ratios, or costs per row, of things measured in one run. Their results stand in README.md here."""
