"""The tuned comparison: what is drawn, who wins, what the winner does on fresh seeds, and how many seeds are enough."""
