"""What crosses our own network edge: frames, requests, problems. Types and their validation, no behaviour."""
