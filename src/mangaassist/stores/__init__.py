"""Adapters, named after their vendor. No room below them imports one: assembly picks them."""
