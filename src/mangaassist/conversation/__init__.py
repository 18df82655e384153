"""A conversation as everybody sees it: the inbox of a session, the one worker that answers it, the numbered frames (W-9, W-12)."""
