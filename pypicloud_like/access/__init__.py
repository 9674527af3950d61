"""Who someone is, what is granted, and the one decision function."""
