"""A report against a baseline: pass, fail or inconclusive."""
