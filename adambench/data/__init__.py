"""Where the rows of a model come from: a file beside the problem file, or a generator."""
