"""The descriptions of our JSON APIs, and whether answers are as described."""
