"""The .ini and the environment, read once into frozen dataclasses."""
