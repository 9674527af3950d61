"""The catalogue: what the index holds, told for choosing, and what administrators add to it."""
