"""deploy/nginx.conf with a real nginx, before one host or several."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

import httpx2
from calls import SERVICE
from serving import free_port
from sites import certificate
from tokens import bearer, claims

NGINX, OPENSSL = shutil.which("nginx"), shutil.which("openssl")
MISSING = not (NGINX and OPENSSL)
SHIPPED = Path(__file__).parents[1] / "deploy" / "nginx.conf"
AROUND = """
user {user}; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/server.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    port: int
    service: int
    certificate: Path
    log: Path

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def client(self) -> httpx2.Client:
        return httpx2.Client(verify=ssl.create_default_context(cafile=str(self.certificate)), base_url=self.address, trust_env=False, timeout=20)

    def token(self) -> dict[str, str]:
        return bearer(claims(aud=f"http://127.0.0.1:{self.service}{SERVICE}"))


@contextmanager
def nginx(folder: Path, *services: int, port: int = 0) -> Iterator[Proxy]:
    """The shipped configuration with other addresses and files, and less patience with slow headers."""
    made, key = certificate(folder, "127.0.0.1")
    proxy = Proxy(port or free_port(), services[0], made, folder / "error.log")
    changes = {
        "/etc/ssl/cds.example.pem": str(made),
        "/etc/ssl/private/cds.example.key": str(key),
        "listen 443 ssl": f"listen 127.0.0.1:{proxy.port} ssl",
        "http://127.0.0.1:8000;": "http://service;",
        "client_header_timeout 5s": "client_header_timeout 1s",
    }
    text = SHIPPED.read_text()
    for shipped, ours in changes.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    hosts = "".join(f"server 127.0.0.1:{each} max_fails=0; " for each in services)
    (folder / "server.conf").write_text(f"upstream service {{ {hosts}}}\n{text}")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=getuser()))
    process = subprocess.Popen([str(NGINX), "-e", f"{folder}/early.log", "-c", f"{folder}/nginx.conf"], stderr=subprocess.PIPE)
    try:
        while process.poll() is None and not _listens(proxy.port):
            time.sleep(0.05)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield proxy
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
