"""The models that run in process or behind a port: encoder, writers, routing."""
