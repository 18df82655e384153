"""Writers behind one port: what composes an answer from the evidence (M-6)."""
