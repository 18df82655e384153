"""The human side of a conversation (R-3, O-6): who asked for a person, who waits where, who is in, and what is told of it."""
