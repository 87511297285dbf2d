"""The fate of a request on a connection that lets it down."""

import unittest

import gevent
from gevent.server import StreamServer
from gevent.socket import socket as Socket

from connection import NO_ANSWER, Connection

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: whole\r\n\r\n{}"
CUT_OFF = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"


class ConnectionTest(unittest.TestCase):
    def serve(self, *answers: bytes | None) -> Connection:
        """Each connection gets one request answered and is closed; None: it is closed without an answer."""
        self.requests: list[bytes] = []
        pending = list(answers)

        def handle(sock: Socket, _address: object) -> None:
            self.requests.append(sock.recv(65536))
            answer = pending.pop(0)
            if answer is not None:
                sock.sendall(answer)

        server = StreamServer(("127.0.0.1", 0), handle)
        server.start()
        self.addCleanup(server.stop)
        connection = Connection(f"http://127.0.0.1:{server.server_port}", 30)
        self.addCleanup(connection.close)
        return connection

    def test_a_request_and_its_answer(self) -> None:
        connection = self.serve(WHOLE)
        response = connection.ask("POST", "/a", b"{}", "Idempotency-Key: k\r\n")
        self.assertEqual((response.status, response.content), (200, b"{}"))
        self.assertEqual(response.headers.get("x-kind"), "whole")
        head, body = self.requests[0].decode().split("\r\n\r\n")
        self.assertEqual(head.split("\r\n")[0], "POST /a HTTP/1.1")
        self.assertIn("Content-Length: 2\r\n", head)
        self.assertIn("Idempotency-Key: k", head)
        self.assertEqual(body, "{}")

    def test_a_connection_closed_meanwhile_is_replaced(self) -> None:
        connection = self.serve(WHOLE, WHOLE)
        connection.ask("POST", "/a", b"1")
        gevent.sleep(0.05)
        self.assertEqual(connection.ask("POST", "/a", b"2").status, 200)
        self.assertEqual([request[-1:] for request in self.requests], [b"1", b"2"])

    def test_a_request_without_an_answer_is_not_sent_again(self) -> None:
        connection = self.serve(None, WHOLE)
        with self.assertRaises(NO_ANSWER):
            connection.ask("POST", "/a", b"1")
        self.assertEqual(len(self.requests), 1)
        self.assertEqual(connection.ask("POST", "/a", b"2").status, 200)

    def test_an_answer_cut_off_is_none(self) -> None:
        connection = self.serve(CUT_OFF, WHOLE)
        with self.assertRaises(NO_ANSWER):
            connection.ask("GET", "/a")
        self.assertEqual(connection.ask("GET", "/a").status, 200)

    def test_patience_ends(self) -> None:
        server = StreamServer(("127.0.0.1", 0), lambda *_: gevent.sleep(2))
        server.start()
        self.addCleanup(server.stop, 0)
        connection = Connection(f"http://127.0.0.1:{server.server_port}", 0.1)
        with self.assertRaises(TimeoutError):
            connection.ask("GET", "/a")

    def test_nobody_is_there(self) -> None:
        with self.assertRaises(ConnectionRefusedError):
            Connection("http://127.0.0.1:1", 1).ask("GET", "/a")


if __name__ == "__main__":
    unittest.main()
