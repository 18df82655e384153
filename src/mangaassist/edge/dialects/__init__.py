"""Other protocols that the same answers are told in: each a pure encoder from frames."""
