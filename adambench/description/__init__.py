"""What a declaration says of itself, as text for a reader."""
