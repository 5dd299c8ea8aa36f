"""Which dialect an implementation follows: it and ours are given the same gradients, and what they do is compared."""
