"""Pages for everyone: find a package, and read what it is."""
