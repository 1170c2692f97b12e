"""The commands: serve, check, rules, samples, client. Exit codes: 0 fine, 1 something is wrong with what was checked, 2 usage."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from cds_hooks import logs, show
from cds_hooks.app import new_uuid, utc_now
from cds_hooks.audit import looking  # noqa: F401 - brings the commands that look
from cds_hooks.audit.commands import audit
from cds_hooks.audit.database import UnsafeStore
from cds_hooks.audit.signing import NoKey
from cds_hooks.audit.store import prepare
from cds_hooks.chart.access import Token
from cds_hooks.chart.bundle import call_for
from cds_hooks.chart.servers import NotAServer, shown
from cds_hooks.chart.visiting import SECONDS
from cds_hooks.connection import Connection
from cds_hooks.installation import misplaced_package
from cds_hooks.metrics import FOLDER
from cds_hooks.offline import Checked, check_file, check_server
from cds_hooks.sandbox import loading
from cds_hooks.sandbox.loading import NotLoaded
from cds_hooks.sandbox.samples import Sample
from cds_hooks.sandbox.samples import samples as sample_patients
from cds_hooks.settings import Settings
from cds_hooks.terminal import AsJson, Config, err, one_line, out, settings_of, stop
from cds_hooks.traces import tracing_is_installed
from cds_hooks.trust import replay
from cds_hooks.trust.channel import is_loopback
from cds_hooks.trust.commands import clients
from cds_hooks.workers import heed_deaths, leave_closed_folder

log = logs.logger()
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(clients, name="client")
app.add_typer(audit, name="audit")
STOP_SECONDS = 30
"""For the calls in hand when the service is told to stop; longer than any of them may take."""
STUCK_SECONDS = 60
"""A worker that does not answer its supervisor for so long is replaced. The usual 5 s are less than a start takes on a busy machine."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; the sandbox profile takes loopback only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    profile: Annotated[str | None, typer.Option(help="sandbox (the default) or production.")] = None,
    config: Config = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the audit log lives.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 1,
) -> None:
    """Run the service."""
    given = {"PNCDS_PROFILE": profile, "PNCDS_CONFIG": config, "PNCDS_DATA_DIR": data_dir}
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    settings = settings_of(config)
    if settings.profile == "sandbox" and not is_loopback(host):
        stop(f"The sandbox profile listens on loopback only; {host} is not a loopback address.")
    given_base = "public_base_url" in settings.model_fields_set
    if not given_base and not is_loopback(host):
        stop("The production profile needs a public_base_url: it is what the audience of every token is compared with.")
    unknown = _usable(settings)
    _free(host, port)
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if not given_base:
        os.environ["PNCDS_PUBLIC_BASE_URL"] = address
    os.environ[FOLDER] = str(_counts(settings.data_dir / f"metrics-{port}"))
    logs.set_up(settings.profile)
    for each in unknown:
        log.warning("audit-public-key.pem lacks a key that signed the audit log: copy it from the host that rotated, or verifying here says tampered", why=each)
    signal.signal(signal.SIGTERM, _leave)
    heed_deaths()
    leave_closed_folder()
    show.welcome(out, address, settings.profile, settings.public_base_url if given_base else address)
    uvicorn.run(
        "cds_hooks.app:from_environment",
        factory=True,
        http=Connection,
        ws="none",
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_worker_healthcheck=STUCK_SECONDS,
        proxy_headers=False,  # whom to believe is for trusted_proxies to say
        log_config=None,
        log_level="info" if settings.profile == "production" else "warning",
    )


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="CDS Hooks requests or FHIR Bundles.")] = None,
    fhir_server: Annotated[str | None, typer.Option(help="Base URL of a FHIR R4 server to read one patient's chart from.")] = None,
    patient: Annotated[str | None, typer.Option(help="The patient's id on that server.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="File with a bearer token for that server.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="The day to evaluate for, YYYY-MM-DD; today if left out.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show the cards that a request, a patient's Bundle or a patient of a FHIR server would get. Nothing is audited."""
    if bool(files) == bool(fhir_server) or bool(fhir_server) != bool(patient):
        stop("Give files to check, or --fhir-server together with --patient.")
    if token_file and not fhir_server:
        stop("--token-file goes with --fhir-server.")
    policy, now = settings_of(config).policy(), _moment(as_of)
    results = [check_file(path, now, policy, new_uuid) for path in files or ()]
    if fhir_server and patient:
        token = _token(token_file)
        err.print(f"Reading from {shown(fhir_server)}, at most {SECONDS:.0f} s:", markup=False, soft_wrap=True)
        results = [check_server(fhir_server, patient, token, now, policy, new_uuid, lambda key, answer: show.arrived(err, key, answer))]
    if as_json:
        told = [each.as_json() for each in results]
        out.print_json(json.dumps(told[0] if len(told) == 1 else told))
    else:
        for result in results:
            show.checked(out, result)
    raise typer.Exit(_exit_code(results))


@app.command()
def rules(config: Config = None, as_json: AsJson = False) -> None:
    """The rule table: when each rule applies, what it says, what it rests on, and the numbers in force."""
    numbers = settings_of(config).numbers()
    out.print_json(json.dumps(show.rule_table(numbers))) if as_json else show.rules(out, numbers)


@app.command()
def samples(
    name: Annotated[str | None, typer.Argument(help="A sample patient; without one they are listed, or all loaded.")] = None,
    load: Annotated[str | None, typer.Option("--load", metavar="FHIR_URL", help="Put them on the FHIR R4 server at this base URL, dated today.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="File with a bearer token for that server.")] = None,
) -> None:
    """List the sample patients, print one as a CDS Hooks request with its dates moved to today, or put them on a FHIR server."""
    known, today = sample_patients(), datetime.now(UTC).date()
    if name is not None and name not in known:
        stop(f"There is no sample patient of that name; the names are {', '.join(known)}.")
    if token_file and not load:
        stop("--token-file goes with --load.")
    if load:
        _load(load, [known[name]] if name else list(known.values()), today, _token(token_file))
    elif name is None:
        show.sample_list(out, known.values())
    else:
        typer.echo(json.dumps(call_for(known[name].as_of(today), new_uuid()), indent=1))


def main() -> None:
    stray = misplaced_package()
    if stray:
        stop(f"The package {stray} was found elsewhere than this application: install it into an environment of its own.")
    app()


def _load(url: str, chosen: list[Sample], today: date, token: Token | None) -> None:
    out.print(f"Putting {len(chosen)} sample patient{'s' if len(chosen) > 1 else ''} on {url}:", markup=False, soft_wrap=True)
    try:
        loading.load(url, chosen, today, token, lambda sample: show.loaded(out, loading.patient_id(sample), sample))
    except NotAServer as wrong:
        stop(f"The FHIR server's address cannot be used: {wrong}. Give its base, such as https://ehr.example/fhir.")
    except NotLoaded as wrong:
        err.print(str(wrong), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    shown = next((each for each in chosen if each.name == "cauda-equina"), chosen[0])
    show.after_loading(out, url, loading.patient_id(shown), with_token=token is not None)


def _leave(_: int, __: FrameType | None) -> None:
    """Asked to stop, and stopped: after the server has finished its calls that is success."""
    raise SystemExit(0)


def _moment(as_of: str | None) -> datetime:
    """Now, or the same time of day on the day given."""
    now = datetime.now(UTC)
    if as_of is None:
        return now
    try:
        day = datetime.strptime(as_of, "%Y-%m-%d").date()  # noqa: DTZ007 - only its day is used
    except ValueError:
        day = date.min
    if not date(1900, 1, 1) <= day <= date(2200, 1, 1):
        stop("--as-of must be a day written YYYY-MM-DD, from 1900 to 2200.")
    return datetime.combine(day, time(12), UTC)


def _token(path: Path | None) -> Token | None:
    if path is None:
        return None
    token = Token.of(one_line(path))
    if token is None:
        stop("The token file cannot be read as one line that holds a bearer token.")
    return token


def _exit_code(results: list[Checked]) -> int:
    return max((1 if result.problem else 0 for result in results), default=0)


def _usable(settings: Settings) -> list[str]:
    """Can entries and used tokens be written down? Looked at before anything is announced. Returns the keys that signed the log and are not known here."""
    folder, said = settings.data_dir, "it is damaged, locked, not reachable, or not of this version. Move it away or restore it; nothing was changed."
    if settings.traces_endpoint and not tracing_is_installed():
        stop("The setting traces_endpoint needs the extra otel: pip install 'pinched-nerve-cds[otel]'.")
    try:
        unknown = prepare(settings, utc_now)
    except NoKey as wrong:
        stop(str(wrong))
    except (OSError, ValueError):  # the latter from a name that no directory can have
        stop(f"The data directory {folder} cannot be written to, and no call is answered without its audit entry.")
    except UnsafeStore as wrong:
        stop(f"{wrong} Nothing was changed.")
    except SQLAlchemyError:
        stop(f"The audit log in {'the database' if settings.database_url else folder} cannot be opened: {said}")
    try:
        if settings.clients and not settings.shares_its_store():
            replay.prepare(folder)
    except (OSError, sqlite3.Error):
        stop(f"The record of used tokens in {folder} cannot be opened: {said}")
    return unknown


def _counts(folder: Path) -> Path:
    """An empty place for what the workers count together; the port is ours, so whoever counted there is gone."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError:
        stop(f"The folder {folder} cannot be made anew.")
    return folder


def _free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            stop(f"Port {port} on {host} is taken or not allowed; choose another with --port.")


if __name__ == "__main__":
    main()
