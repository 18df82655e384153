"""The network edge: who is there, what they say, and how answers reach them (W, R)."""
