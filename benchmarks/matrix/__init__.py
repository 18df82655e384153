"""Ten services under every fault, ten intents, guest and customer: what leaves is true, in time, and says what is missing."""
