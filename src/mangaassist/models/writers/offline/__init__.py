"""The offline writer: no network, no key, no model. It words the evidence and nothing else (M-6)."""
