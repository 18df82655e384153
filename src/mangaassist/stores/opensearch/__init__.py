"""Adapters on an OpenSearch: the chunk index and its generations. Called over aiohttp: no client of the vendor's is needed."""
