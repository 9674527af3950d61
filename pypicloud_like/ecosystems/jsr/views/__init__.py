"""What answers at the addresses of the JSR side."""
