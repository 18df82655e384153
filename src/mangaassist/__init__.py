"""MangaAssist: a shopping assistant for an online manga store."""

from importlib.metadata import version

__version__ = version("mangaassist")
