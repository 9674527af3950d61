"""The /admin endpoints."""
