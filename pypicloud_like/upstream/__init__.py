"""Upstream registries: asked once for many, kept, verified, and never trusted with our names."""
