"""Metrics, traces and logs. None of them ever holds shopper text (O-3)."""
