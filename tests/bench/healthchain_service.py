"""HealthChain's CDS Hooks service as its README writes one, with a handler that answers no card: `python healthchain_service.py LOOP PORT`, where it lives."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models import CDSResponse

cds = CDSHooksService()


@cds.hook("patient-view", id="pinched-nerve-patient-view", title="Floor", description="Answers no card.")
def answer(request: Any) -> Any:
    return CDSResponse(cards=[])


app = HealthChainAPI()
app.register_service(cds)

if __name__ == "__main__":
    http = "httptools" if sys.argv[1] == "uvloop" else "h11"
    uvicorn.run(app, port=int(sys.argv[2]), loop=sys.argv[1], http=http, access_log=False, log_level="warning")
