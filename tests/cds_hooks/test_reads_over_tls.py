"""Reads over TLS: the certificate must be for the server's name, though the connection goes to an address looked up before."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from time import perf_counter
from urllib.parse import urlsplit

import pytest
from charts import Chart, person, problem
from fhir_server import TOKEN, fhir_server
from sites import certificate, shown

from cds_hooks.chart import transport as transport_module
from cds_hooks.chart.access import Access, Token
from cds_hooks.chart.servers import Reach, server
from cds_hooks.chart.transport import ReadFailed, Transport

pytestmark = [
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate"),
    pytest.mark.usefixtures("nothing_is_told"),
]


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
    if trusted:
        monkeypatch.setattr(transport_module, "certificates", lambda: ssl.create_default_context(cafile=str(made)))
    with fhir_server(Chart((person(), problem("leg cramps", 5))), tls=shown(made, key)) as ehr:
        url = f"https://ehr.example:{urlsplit(ehr.base).port}/fhir"
        if reads:
            assert b"birthDate" in read(url)
        else:
            with pytest.raises(ReadFailed):
                read(url)
            assert ehr.asked == []
