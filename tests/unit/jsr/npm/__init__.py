"""The npm form of JSR packages."""
