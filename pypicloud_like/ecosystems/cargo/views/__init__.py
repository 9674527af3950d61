"""What answers at the addresses of the cargo side."""
