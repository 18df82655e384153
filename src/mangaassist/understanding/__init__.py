"""What a message says: intent, entities, references. Pure: no network, no clock, no model runtime (M-1, M-2, T-4, T-5)."""
