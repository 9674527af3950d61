"""Schema versions of the two databases."""
