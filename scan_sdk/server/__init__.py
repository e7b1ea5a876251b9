"""A scan server in Python: the same interface and behaviour as the real one, with simulated devices.

Example:
    >>> from scan_sdk.server import EmbeddedServer
    >>> with EmbeddedServer() as server:
    ...     print(server.url.startswith("http://127.0.0.1:"))
    True
"""

from scan_sdk.server.embedded import EmbeddedServer, serve
from scan_sdk.server.testing.handles import DeviceHandle
from scan_sdk.server.web.listening import CannotListen

__all__ = ["CannotListen", "DeviceHandle", "EmbeddedServer", "serve"]
