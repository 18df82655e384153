"""The catalogue: what is on sale right now, how it is found, and every change to it in order."""
