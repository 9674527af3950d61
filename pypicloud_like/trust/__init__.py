"""Who an automated job is: identity tokens, the keys of their issuers, and what publishers say of jobs."""
