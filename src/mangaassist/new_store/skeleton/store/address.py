"""Where the store listens: STORE_HOST, STORE_PORT, STORE_GRPC_PORT of the environment, and STORE_URL if it is reached otherwise."""

import os

HOST = os.environ.get("STORE_HOST", "127.0.0.1")
PORT = int(os.environ.get("STORE_PORT", "8080"))
GRPC = f"{HOST}:{os.environ.get('STORE_GRPC_PORT', '50051')}"
URL = os.environ.get("STORE_URL", f"http://{HOST}:{PORT}").rstrip("/")
ASSISTANT = os.environ.get("ASSISTANT_URL", "http://127.0.0.1:8000").rstrip("/")
"""Whose chat stands on the store's pages."""
