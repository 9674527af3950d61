"""What an index is: data, errors, ports and keys. Imports nothing else of this package."""
