"""What the store sells and to whom: series from files, everything else drawn from them, the same on every machine."""
