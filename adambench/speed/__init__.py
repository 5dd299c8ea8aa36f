"""How fast the kernels are, beside other libraries doing the same work: informational, never part of a report."""
