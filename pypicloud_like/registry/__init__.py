"""What an index does: the use cases, free of HTTP and of any one ecosystem."""
