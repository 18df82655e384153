"""Amazon Comprehend (extra ``aws``): personal data in an answer, found by a service (G-9)."""
