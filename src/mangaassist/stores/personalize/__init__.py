"""Amazon Personalize (extra ``aws``): what to read next, by a campaign of the store's own (S-1, O-5)."""
