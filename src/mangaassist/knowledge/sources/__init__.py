"""Where documents come from (K-5): one module a source. Each gives documents, and names what it could not read."""
