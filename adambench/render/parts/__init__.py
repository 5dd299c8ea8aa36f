"""What several formats say alike, as plain text and before any layout."""
