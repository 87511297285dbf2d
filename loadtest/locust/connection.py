"""A user's keep-alive connection, on the HTTP client that Locust's FastHttpUser is built on."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from gevent.socket import socket as Socket
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.response import HTTPParseError, HTTPSocketPoolResponse

NO_ANSWER = (OSError, HTTPParseError)
"""Raised by `Connection.ask` when no whole answer came: refused, reset, cut off, timed out, not HTTP."""


class Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    content: bytes


class Connection:
    """
    One connection, one request at a time, each sent once.

    geventhttpclient's own client sends a request again when the connection turns out to be dead, and so may
    add to a cart twice. Locust's session around it parses URLs, merges headers and keeps cookies: half of the
    throughput.
    """

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout` in seconds: for connecting, and for each wait for more of an answer."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        self._is_secure = parts.scheme == "https"
        port = parts.port or (443 if self._is_secure else 80)
        kind = SSLConnectionPool if self._is_secure else ConnectionPool
        self._pool = kind(
            host, port, host, port, size=1, connection_timeout=timeout, network_timeout=timeout
        )
        self._base = parts.path.rstrip("/")
        self._host = f"Host: {parts.netloc}\r\nUser-Agent: stampede-locust\r\n"

    def ask(self, method: str, path: str, body: bytes = b"", headers: str = "") -> Response:
        """
        Sends a request and reads the whole answer. `headers` are whole lines, each with its CRLF.

        Raises one of NO_ANSWER.
        """
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {self._base}{path} HTTP/1.1\r\n{self._host}{length}{headers}\r\n"
        sock = self._open_socket()
        try:
            sock.sendall(head.encode() + body)
        except BaseException:
            self._pool.release_socket(sock)
            raise
        response = HTTPSocketPoolResponse(sock, self._pool, method=method)
        content = bytes(response.read())
        return Response(response.status_code, response.info(), content)

    def close(self) -> None:
        self._pool.close()

    def _open_socket(self) -> Socket:
        sock = self._pool.get_socket()
        if self._is_secure or _is_idle(sock):  # TLS sends of its own accord
            return sock
        self._pool.release_socket(sock)
        return self._pool.get_socket()


def _is_idle(sock: Socket) -> bool:
    """Between two answers nothing comes, unless the other side has closed the connection."""
    raw = sock._sock  # gevent's own recv would wait
    try:
        raw.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
