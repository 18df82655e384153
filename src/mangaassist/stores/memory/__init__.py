"""Ports kept in the memory of the process: bounded, and gone with it."""
