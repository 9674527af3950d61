"""The JSR side."""
