"""Models in SageMaker endpoints (extra ``aws``)."""
