"""Adapters of Redis 7 and its kin: what several serving processes share."""
