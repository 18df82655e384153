"""Adapters, named after their vendor. Assembly alone imports them."""
