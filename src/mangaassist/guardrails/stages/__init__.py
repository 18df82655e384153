"""The checks on the whole answer, one file each; ``guardrails/review.py`` runs them in the order of G-3."""
