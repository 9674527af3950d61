"""Archives read without being unpacked: what every ecosystem holds them to."""
