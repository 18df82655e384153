"""The models that run in process or behind a port: encoder, reranker, writers, routing."""
