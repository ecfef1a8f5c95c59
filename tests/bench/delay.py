# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy that makes a way long: what goes in comes out later, in both directions, and nothing is held
up by what was sent before it. Not every kernel can delay packets by itself."""

import queue
import socket
import threading
import time

from servers import Server


class Distance(Server):
    """Passes everything to 127.0.0.1:port; a round trip takes `trip` seconds more."""

    def __init__(self, port, trip, **where):
        super().__init__(**where)
        self.upstream, self.trip = port, trip

    def handle(self, client):
        with socket.create_connection(("127.0.0.1", self.upstream)) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(server)
            ways = [threading.Thread(target=self.carry, args=way, daemon=True)
                    for way in ((client, server), (server, client))]
            for way in ways:
                way.start()
            for way in ways:
                way.join()

    def carry(self, source, target):
        under_way = queue.Queue()
        threading.Thread(target=self.deliver, args=(under_way, target), daemon=True).start()
        data = b"first"
        while data:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            under_way.put((time.monotonic() + self.trip / 2, data))

    @staticmethod
    def deliver(under_way, target):
        data = b"first"
        while data:
            due, data = under_way.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if data:
                    target.sendall(data)
                else:
                    target.shutdown(socket.SHUT_WR)
            except OSError:
                return
