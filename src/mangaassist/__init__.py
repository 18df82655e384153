"""MangaAssist: a shopping assistant for an online store."""

import os
from importlib.metadata import version

# Before anything loads onnxruntime: else that notes its uses under the user's cache and sends them to its maker.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# Before anything loads numpy: else the threads of its products of matrices wait in a loop for the next one, which is a core for
# nothing. What a turn multiplies is small.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = version("mangaassist")
