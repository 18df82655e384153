"""A store of ten services: what the assistant asks, answered from the files in data/."""
