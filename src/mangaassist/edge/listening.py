"""Takes an address before anything heavy is loaded (W-5)."""

import socket

from mangaassist.errors import StartFailed


def listen(
    host: str, port: int, who: str = "assistant", remedy: str = "--port or MANGAASSIST_SERVER__PORT"
) -> socket.socket:
    """Take the address, port 0 for any free one. Raises ``StartFailed``, naming ``remedy``, when it is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only of a socket that says so does asyncio know that it is TCP; else small answers wait 40 ms for one another.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise StartFailed(
            f"The {who} cannot listen on {host}:{port} ({error.strerror}). "
            f"Stop what uses it, or choose another port with {remedy}."
        ) from None
    return listening
