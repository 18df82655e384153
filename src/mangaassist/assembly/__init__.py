"""The composition root: reads the settings and picks the adapters, a module for each part of the assistant."""
