"""The shop that people see: pages rendered here, made lively by a few ES modules."""
