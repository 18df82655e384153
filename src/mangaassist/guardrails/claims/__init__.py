"""What an answer may not claim (G-4): kinds of claim, how each is worded, what backs it and what is said instead."""
