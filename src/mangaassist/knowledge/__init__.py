"""K: what the store knows beyond its services: chunks, the index, how it is searched and how it is kept up to date."""
