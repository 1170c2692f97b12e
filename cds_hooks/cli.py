"""The commands: serve, check, rules, samples, client. Exit codes: 0 fine, 1 something is wrong with what was checked, 2 usage."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from cds_hooks import show
from cds_hooks.app import new_uuid, utc_now
from cds_hooks.audit import looking  # noqa: F401 - brings the commands that look
from cds_hooks.audit.commands import audit
from cds_hooks.audit.database import UnsafeStore
from cds_hooks.audit.signing import NoKey
from cds_hooks.audit.store import prepare
from cds_hooks.chart.access import Token
from cds_hooks.chart.bundle import call_for
from cds_hooks.chart.servers import NotAServer
from cds_hooks.chart.visiting import SECONDS
from cds_hooks.connection import Connection
from cds_hooks.installation import misplaced_package
from cds_hooks.offline import Checked, check_file, check_server
from cds_hooks.sandbox import loading
from cds_hooks.sandbox.loading import NotLoaded
from cds_hooks.sandbox.samples import Sample
from cds_hooks.sandbox.samples import samples as sample_patients
from cds_hooks.services import SERVICE_ID
from cds_hooks.settings import BadSettings, Settings, config_file, load
from cds_hooks.trust import replay
from cds_hooks.trust.channel import is_loopback
from cds_hooks.trust.checking import Entries, NoEntry, entries, entry
from cds_hooks.trust.checking import check as check_client

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
clients = typer.Typer(no_args_is_help=True, help="Registered clients: a first entry for a new one, and what is wrong with one.")
app.add_typer(clients, name="client")
app.add_typer(audit, name="audit")
STOP_SECONDS = 30
"""For the calls in hand when the service is told to stop; longer than any of them may take."""
STUCK_SECONDS = 60
"""A worker that does not answer its supervisor for so long is replaced. The usual 5 s are less than a start takes on a busy machine."""
out, err = Console(highlight=False), Console(stderr=True, highlight=False)

Config = Annotated[Path | None, typer.Option("--config", help="TOML file with settings; the environment wins over it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


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
    settings = _settings(config)
    if settings.profile == "sandbox" and not is_loopback(host):
        _usage(f"The sandbox profile listens on loopback only; {host} is not a loopback address.")
    given_base = "public_base_url" in settings.model_fields_set
    if not given_base and not is_loopback(host):
        _usage("The production profile needs a public_base_url: it is what the audience of every token is compared with.")
    _usable(settings)
    _free(host, port)
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if not given_base:
        os.environ["PNCDS_PUBLIC_BASE_URL"] = address
    signal.signal(signal.SIGTERM, _leave)
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
        log_level="warning",
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
        _usage("Give files to check, or --fhir-server together with --patient.")
    if token_file and not fhir_server:
        _usage("--token-file goes with --fhir-server.")
    policy, now = _settings(config).policy(), _moment(as_of)
    results = [check_file(path, now, policy, new_uuid) for path in files or ()]
    if fhir_server and patient:
        token = _token(token_file)
        err.print(f"Reading from {fhir_server}, at most {SECONDS:.0f} s:", markup=False, soft_wrap=True)
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
    numbers = _settings(config).numbers()
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
        _usage(f"There is no sample patient of that name; the names are {', '.join(known)}.")
    if token_file and not load:
        _usage("--token-file goes with --load.")
    if load:
        _load(load, [known[name]] if name else list(known.values()), today, _token(token_file))
    elif name is None:
        show.sample_list(out, known.values())
    else:
        typer.echo(json.dumps(call_for(known[name].as_of(today), new_uuid()), indent=1))


@clients.command("new")
def client_new(name: Annotated[str, typer.Argument(help="What to call the client in the audit log.")]) -> None:
    """Print a [[clients]] entry to start from."""
    try:
        typer.echo(entry(name), nl=False)
    except NoEntry as wrong:
        _usage(str(wrong))


@clients.command("check")
def client_check(
    which: Annotated[str, typer.Argument(metavar="FILE|NAME", help="A TOML file with [[clients]], or the name of a client in the configuration.")],
    token_file: Annotated[Path | None, typer.Option(help="File with one of the client's tokens, to be verified.")] = None,
    config: Config = None,
) -> None:
    """Fetch a client's keys, verify a token, and say exactly what is wrong."""
    settings = _settings(config)
    found = _entries(which, settings)
    profile, base_url = found.profile or settings.profile, found.base_url or settings.public_base_url
    token = _one_line(token_file).removeprefix("Bearer ").strip() if token_file else None
    report = {each.name: check_client(each, profile, base_url, [SERVICE_ID], token, datetime.now(UTC)) for each in found.clients}
    show.clients(out, report)
    raise typer.Exit(0 if all(each.good for findings in report.values() for each in findings) else 1)


def main() -> None:
    stray = misplaced_package()
    if stray:
        _usage(f"The package {stray} was found elsewhere than this application: install it into an environment of its own.")
    app()


def _load(url: str, chosen: list[Sample], today: date, token: Token | None) -> None:
    out.print(f"Putting {len(chosen)} sample patient{'s' if len(chosen) > 1 else ''} on {url}:", markup=False, soft_wrap=True)
    try:
        loading.load(url, chosen, today, token, lambda sample: show.loaded(out, loading.patient_id(sample), sample))
    except NotAServer as wrong:
        _usage(f"The FHIR server's address cannot be used: {wrong}. Give its base, such as https://ehr.example/fhir.")
    except NotLoaded as wrong:
        err.print(str(wrong), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    shown = next((each for each in chosen if each.name == "cauda-equina"), chosen[0])
    show.after_loading(out, url, loading.patient_id(shown), with_token=token is not None)


def _leave(_: int, __: FrameType | None) -> None:
    """Asked to stop, and stopped: after the server has finished its calls that is success."""
    raise SystemExit(0)


def _settings(config: Path | None) -> Settings:
    try:
        return load(config or config_file())
    except BadSettings as wrong:
        _usage(str(wrong))


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
        _usage("--as-of must be a day written YYYY-MM-DD, from 1900 to 2200.")
    return datetime.combine(day, time(12), UTC)


def _token(path: Path | None) -> Token | None:
    if path is None:
        return None
    token = Token.of(_one_line(path))
    if token is None:
        _usage("The token file cannot be read as one line that holds a bearer token.")
    return token


def _one_line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        _usage("The token file cannot be read as one line that holds a bearer token.")


def _entries(which: str, settings: Settings) -> Entries:
    """The clients of a file, or the one of that name in the configuration."""
    if not Path(which).is_file():
        named = tuple(each for each in settings.clients if each.name == which)
        if not named:
            _usage(f"There is neither a file nor a client in the configuration named {which}.")
        return Entries(named)
    try:
        return entries(Path(which))
    except NoEntry as wrong:
        err.print(str(wrong), soft_wrap=True, markup=False)
        raise typer.Exit(1) from None


def _exit_code(results: list[Checked]) -> int:
    return max((1 if result.problem else 0 for result in results), default=0)


def _usable(settings: Settings) -> None:
    """Can entries and used tokens be written down? Looked at before anything is announced."""
    folder, said = settings.data_dir, "it is damaged, locked, not reachable, or not of this version. Move it away or restore it; nothing was changed."
    try:
        prepare(settings, utc_now)
    except NoKey as wrong:
        _usage(str(wrong))
    except (OSError, ValueError):  # the latter from a name that no directory can have
        _usage(f"The data directory {folder} cannot be written to, and no call is answered without its audit entry.")
    except UnsafeStore as wrong:
        _usage(f"{wrong} Nothing was changed.")
    except SQLAlchemyError:
        _usage(f"The audit log in {'the database' if settings.database_url else folder} cannot be opened: {said}")
    try:
        if settings.clients:
            replay.prepare(folder)
    except (OSError, sqlite3.Error):
        _usage(f"The record of used tokens in {folder} cannot be opened: {said}")


def _free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            _usage(f"Port {port} on {host} is taken or not allowed; choose another with --port.")


def _usage(sentence: str) -> NoReturn:
    """Ends the command with one sentence and exit code 2."""
    err.print(sentence, soft_wrap=True, markup=False)
    raise SystemExit(2)


if __name__ == "__main__":
    main()
