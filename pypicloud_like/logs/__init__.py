"""What is written to the log: one line for each event, and no secrets."""
