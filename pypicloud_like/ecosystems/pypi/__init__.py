"""Python packages: the simple API, the JSON API, legacy upload."""
