"""Embedded adapters on SQLite: one file a store, nothing to install."""
