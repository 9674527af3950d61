"""What is known about every file: the package index."""
