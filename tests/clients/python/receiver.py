"""A webhook receiver in this process."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Delivery:
    """One request to the receiver, as it came."""

    def __init__(self, path, headers, body):
        self.path = path
        self.headers = headers  # names in lower case
        self.body = body  # bytes
        self.event_id = headers.get("x-razorpay-event-id")


class Receiver:
    """Answers every POST with 200 and keeps it."""

    def __init__(self):
        self._arrived = threading.Condition()
        self._deliveries = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                headers = {name.lower(): value for name, value in self.headers.items()}
                with receiver._arrived:
                    receiver._deliveries.append(Delivery(self.path, headers, body))
                    receiver._arrived.notify_all()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def deliveries(self):
        with self._arrived:
            return list(self._deliveries)

    def wait_for(self, count, seconds):
        """Waits until `count` different events are here, at most `seconds`.

        Returns the first delivery of each event, in order of arrival.
        """
        deadline = time.monotonic() + seconds
        with self._arrived:
            while True:
                first = {}
                for delivery in self._deliveries:
                    first.setdefault(delivery.event_id, delivery)
                left = deadline - time.monotonic()
                if len(first) >= count or left <= 0:
                    return list(first.values())
                self._arrived.wait(left)
