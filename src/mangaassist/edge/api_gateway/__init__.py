"""The door behind an API Gateway WebSocket API: its routes call us, and what is said goes out through its management API (W-13)."""
