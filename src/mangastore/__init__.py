"""The demo store that MangaAssist talks to over gRPC and HTTP."""
