"""Pages about oneself: log in, register, password, tokens, what programs may do."""
