"""Tests of the WebSocket workload of bench/compare: frames, the check, and the load, against a small server."""

import base64
import hashlib
import json
import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from compare_lib.check import CheckError  # noqa: E402
from compare_lib.load import LoadError, run  # noqa: E402
from compare_lib.settings import Settings  # noqa: E402
from compare_lib.suites.asgi import ASGI  # noqa: E402
from compare_lib.websocket import generator  # noqa: E402
from compare_lib.websocket.check import check_websocket  # noqa: E402
from compare_lib.websocket.protocol import (  # noqa: E402
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    ProtocolError,
    client_frame,
    handshake,
    read_frame,
    server_frame,
    verify_handshake,
)

WEBSOCKET = next(workload for workload in ASGI.workloads if workload.is_websocket)


class EchoServer:
    """Echoes frames, one thread for each connection; ``answer`` makes the reply to a message, as a list of frames."""

    def __init__(self, answer=server_frame):
        self.opcodes = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._try_to_serve, args=(client,), daemon=True).start()

    def _try_to_serve(self, client):
        try:
            self._serve(client)
        except OSError:
            pass  # The client gave up, as some tests want it to.

    def _serve(self, client):
        with client, client.makefile("rb") as stream:
            key = b""
            for line in iter(stream.readline, b"\r\n"):
                name, _, value = line.partition(b": ")
                key = value.strip() if name == b"Sec-WebSocket-Key" else key
            accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
            client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: " + accept + b"\r\n\r\n")
            while True:
                head = stream.read(2)
                if len(head) < 2:
                    return
                length = head[1] & 0x7F
                if length == 126:
                    length = int.from_bytes(stream.read(2), "big")
                mask, masked = stream.read(4), stream.read(length)
                payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))
                opcode = head[0] & 0x0F
                self.opcodes.append(opcode)
                if opcode == CLOSE:
                    client.sendall(server_frame(CLOSE, payload))
                    return
                if opcode != PONG:
                    client.sendall(self._answer(opcode, payload))


class Protocol(unittest.TestCase):
    def test_client_frame_is_masked_and_unmasks_to_the_payload(self):
        frame = client_frame(BINARY, bytes(range(200)))
        self.assertEqual(frame[:4], b"\x82\xfe\x00\xc8")
        mask, body = frame[4:8], frame[8:]
        self.assertEqual(bytes(byte ^ mask[index % 4] for index, byte in enumerate(body)), bytes(range(200)))

    def test_read_frame_reads_back_every_kind_of_length(self):
        for size in (0, 125, 126, 65535, 65536):
            frame = server_frame(TEXT, b"x" * size)
            self.assertEqual(read_frame(frame + b"more"), (TEXT, b"x" * size, len(frame)))
            self.assertIsNone(read_frame(frame[:-1]))

    def test_read_frame_masked_or_fragmented_raises(self):
        for frame in (client_frame(TEXT, b"x"), b"\x01\x01x", b"\xc1\x01x"):
            with self.assertRaises(ProtocolError):
                read_frame(frame)

    def test_verify_handshake_wants_101_and_the_answer_to_the_key(self):
        _, accept = handshake("/ws")
        verify_handshake(b"HTTP/1.1 101 X\r\nSec-WebSocket-Accept: " + accept, accept)
        for head in (b"HTTP/1.1 200 OK", b"HTTP/1.1 101 X\r\nSec-WebSocket-Accept: other"):
            with self.assertRaises(ProtocolError):
                verify_handshake(head, accept)


class Check(unittest.TestCase):
    def check(self, **arguments):
        server = EchoServer(**arguments)
        self.addCleanup(server.close)
        check_websocket(server.port, WEBSOCKET)

    def test_an_echo_passes(self):
        self.check()

    def test_another_message_or_kind_of_message_fails(self):
        for answer in (lambda opcode, payload: server_frame(opcode, b"other"), lambda _, payload: server_frame(BINARY, payload)):
            with self.assertRaises(CheckError):
                self.check(answer=answer)


class Load(unittest.TestCase):
    def load(self, **arguments):
        server = EchoServer(**arguments)
        self.addCleanup(server.close)
        report = run(generator.command(server.port, WEBSOCKET, 3, 1), 1, generator.parse).report
        return server, report

    def test_messages_are_counted(self):
        server, report = self.load()
        self.assertIsNone(report.errors)
        # One more on each connection was under way at the end.
        self.assertEqual(server.opcodes.count(TEXT), report.requests + 3)
        self.assertEqual(server.opcodes.count(CLOSE), 3)
        self.assertGreater(report.p50_us, 0)

    def test_pings_are_answered_and_not_counted(self):
        server, report = self.load(answer=lambda opcode, payload: server_frame(PING, b"p") + server_frame(opcode, payload))
        self.assertIsNone(report.errors)
        self.assertEqual(server.opcodes.count(TEXT), report.requests + 3)
        self.assertIn(PONG, server.opcodes)

    def test_another_message_is_an_error(self):
        with self.assertRaises(LoadError):
            self.load(answer=lambda opcode, payload: server_frame(opcode, b"other"))

    def test_parse_other_text_raises(self):
        for text in ("", "[]", json.dumps({"messages": 1})):
            with self.assertRaises(LoadError):
                generator.parse(text)

    def test_parse_no_message_is_an_error(self):
        text = json.dumps({"messages": 0, "messages_per_second": 0.0, "p50_us": 0.0, "p99_us": 0.0, "errors": None})
        self.assertEqual(generator.parse(text).errors, "no message came back")


class Kinds(unittest.TestCase):
    def test_a_websocket_is_not_measured_with_a_connection_for_each_message(self):
        settings = Settings(ASGI.servers[:2], ASGI.workloads, (1, 2), (64,), (True, False), "none", 3, 2, "darter")
        self.assertEqual(settings.kinds_of_connection(WEBSOCKET), (True,))
        self.assertEqual(settings.kinds_of_connection(ASGI.workloads[0]), (True, False))
        self.assertEqual(settings.visits(), 3 * 3 * 2 * 2)


if __name__ == "__main__":
    unittest.main()
