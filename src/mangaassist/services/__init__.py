"""S: the store's services behind one generic caller, which keeps the table of failure semantics (S-1) for all of them."""
