"""Doubles that ship: for our own tests, and for those who put their own adapters behind our ports."""
