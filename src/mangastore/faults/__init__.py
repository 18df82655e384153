"""Faults on demand (D-3): each service can be made slow, failing or wrong, over REST and gRPC alike."""
