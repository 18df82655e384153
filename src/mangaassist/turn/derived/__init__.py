"""What follows from a turn's evidence (T-11): pure functions, from facts to verdicts, sums and comparisons."""
