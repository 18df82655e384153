"""Distributed adapters on DynamoDB (extra ``aws``): for several processes that serve the same conversations."""
