"""Which products an answer is about (T-2): the table of finders and the ways of looking."""
