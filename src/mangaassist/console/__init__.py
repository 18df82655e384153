"""The console: how the process does, what single turns did, and what operators do about it (O-6)."""
