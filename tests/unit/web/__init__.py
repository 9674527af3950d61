"""The parts of pages that are pure functions."""
