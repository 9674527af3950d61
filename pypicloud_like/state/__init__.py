"""The truth about people that every access backend shares: tokens, sessions, owners, audit."""
