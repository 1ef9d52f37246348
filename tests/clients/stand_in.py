"""Lets an official SDK work against Vasool with not one changed line.

  unshare --mount --net --map-root-user python3 stand_in.py node|python VASOOL DIRECTORY

Runs inside mount and network namespaces of its own, so the machine stays as it was: the vendor's host
leads to this server by /etc/hosts, and the local authority is in the client's trust store. Nothing of
the SDK or of its user's program knows.
"""

import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
HOST = "api.razorpay.com"


def loopback_up():
    """A new network namespace has a loopback, but it is down."""
    up, running, get, put = 1, 0x40, 0x8913, 0x8914
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(any_socket, get, request))[1]
        fcntl.ioctl(any_socket, put, struct.pack("16sH14s", b"lo", flags | up | running, b""))


def trust_in_python(python, place, authority):
    """The Python SDK believes a bundle of its own; here it is one authority longer."""
    where = "import pathlib, razorpay; print(pathlib.Path(razorpay.__file__).parent)"
    package = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True)
    own = pathlib.Path(package.stdout.strip()) / "ca-bundle.crt"
    bundle = place / "bundle.pem"
    bundle.write_text(own.read_text() + pathlib.Path(authority).read_text())
    subprocess.run(["mount", "--bind", bundle, own], check=True)


def main():
    sdk, vasool, place = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    loopback_up()
    hosts = place / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {HOST}\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    tls = place / "tls"
    subprocess.run([vasool, "tls", "init", "--directory", tls], check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen(
        [vasool, "serve", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:443",
         "--tls-cert", tls / "server.pem", "--tls-key", tls / "server.key",
         "--database", f"sqlite:{place / 'vasool.db'}"], stdout=subprocess.PIPE, text=True)
    try:
        while "https://" not in server.stdout.readline():
            assert server.poll() is None, "the server did not start"
        authority = str(tls / "authority.pem")
        environment = {key: value for key, value in os.environ.items()
                       if not key.lower().endswith("_proxy")}
        if sdk == "node":
            command = ["node", HERE / "node/stand_in.js"]
            environment["NODE_EXTRA_CA_CERTS"] = authority
        else:
            python = HERE.parent.parent / ".tools/venv/bin/python"
            trust_in_python(python, place, authority)
            command = [python, HERE / "python/stand_in.py"]
        subprocess.run(command, check=True, env=environment, timeout=60)
    finally:
        server.terminate()
        server.wait(timeout=15)


main()
