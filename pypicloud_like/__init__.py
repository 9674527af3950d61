"""A private package index: one small server, one account, one rights model, one storage."""
