"""Plug-ins of one shape: a package ecosystem each."""
