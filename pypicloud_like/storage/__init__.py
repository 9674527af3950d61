"""Bytes under keys: one file a backend."""
