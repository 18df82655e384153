"""MangaAssist: a shopping assistant for an online store."""

import os
from importlib.metadata import version

# Before anything loads onnxruntime: else that notes its uses under the user's cache and sends them to its maker.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = version("mangaassist")
