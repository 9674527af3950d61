"""What answers the Python side's addresses; ``routes.py`` says which."""
