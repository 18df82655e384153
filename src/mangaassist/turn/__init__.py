"""One turn, from message to ``done``: the orchestrator and what it needs to decide, gather, show and remember (T)."""
