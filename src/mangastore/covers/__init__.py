"""Generated covers: one drawing for each product, the same every time."""
