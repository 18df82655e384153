"""Code generated from proto/mangaproto: the catalog contract that store and assistant share."""
