"""MangaAssist: a shopping assistant for an online manga store."""
