"""Cargo: a private registry over the sparse protocol, and the crates.io HTTP API."""
