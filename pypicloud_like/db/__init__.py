"""Databases: connections, transactions, the watcher, tables and migrations."""
