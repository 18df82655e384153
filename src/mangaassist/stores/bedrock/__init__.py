"""Models of Bedrock that are no writers (extra ``aws``)."""
