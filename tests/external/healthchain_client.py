"""Run inside the environment of `make peers`: HealthChain's SandboxClient sends what a file describes and writes down what it got.

Arguments: the service's address, a file with a list of calls, a file for the answers. A call is `source` (`synthea-patient`: a folder with Bundles, `path`: a file
with prefetch, `synthetic`: made up by the client), `data`, and perhaps the `patient` to put into the context.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from healthchain.sandbox import SandboxClient


def sent(url: str, call: dict[str, Any]) -> dict[str, Any]:
    """What went out, and what the client made of the answer: nothing at all for an error."""
    client = SandboxClient(url=url, workflow="patient-view")
    if call["source"] == "synthetic":
        client.load_synthetic(n=1, random_seed=7)
    elif call["source"] == "synthea-patient":
        client.load_from_registry("synthea-patient", data_dir=call["data"])
    else:
        client.load_from_path(call["data"])
    (request,) = client.requests
    if "patient" in call:
        request.context.patientId = call["patient"]
    (answer,) = client.send_requests()
    return {"keys": sorted(request.prefetch), "patient": request.context.patientId, "answer": answer}


if __name__ == "__main__":
    address, calls, answers = sys.argv[1:]
    Path(answers).write_text(json.dumps([sent(address, each) for each in json.loads(Path(calls).read_text())]))
