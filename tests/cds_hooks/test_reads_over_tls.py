"""Reads over TLS: the certificate must be for the server's name, though the connection goes to an address looked up before."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import pytest
from charts import Chart, person, problem
from fhir_server import TOKEN, fhir_server

from cds_hooks.chart import transport as transport_module
from cds_hooks.chart.access import Access, Token
from cds_hooks.chart.servers import Reach, server
from cds_hooks.chart.transport import ReadFailed, Transport

pytestmark = [
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate"),
    pytest.mark.usefixtures("nothing_is_told"),
]


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for one name, and its key."""
    made, key = folder / f"{name}.pem", folder / f"{name}.key"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True, timeout=30)
    return made, key


def read(url: str, found: str = "127.0.0.1") -> bytes:
    async def resolve(_host: str, _port: int) -> list[str]:
        return [found]

    async def once() -> bytes:
        transport = Transport(perf_counter, resolve)
        base = server(url)
        try:
            return await transport.get(
                Access(base, Reach(servers=(base,), private_network=True), Token(TOKEN)), f"{base.base}/Patient/pt-1", perf_counter() + 10
            )
        finally:
            await transport.close()

    return asyncio.run(once())


@pytest.mark.parametrize(("name", "trusted", "reads"), [("ehr.example", True, True), ("other.example", True, False), ("ehr.example", False, False)])
def test_only_a_trusted_certificate_for_the_name_is_accepted(tmp_path, monkeypatch, name, trusted, reads) -> None:
    made, key = certificate(tmp_path, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    if trusted:
        monkeypatch.setattr(transport_module, "certificates", lambda: ssl.create_default_context(cafile=str(made)))
    with fhir_server(Chart((person(), problem("leg cramps", 5))), tls=context) as ehr:
        url = f"https://ehr.example:{urlsplit(ehr.base).port}/fhir"
        if reads:
            assert b"birthDate" in read(url)
        else:
            with pytest.raises(ReadFailed):
                read(url)
            assert ehr.asked == []
