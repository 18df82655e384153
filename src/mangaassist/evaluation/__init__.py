"""How good the installed models are, on anybody's labelled data (E-1)."""
