"""`callscore api` and `callscore migrate`: for production under compose, systemd or Kubernetes, and for `callscore up`."""

from __future__ import annotations

import typer
import uvicorn

from service.cli.installation import open_database, read_settings
from service.cli.stack.stack import check_port
from service.logs import configure

api = typer.Typer(help="One process: the HTTP API and the pages.", add_completion=False)
migrate = typer.Typer(help="Bring the database to the newest schema.", add_completion=False)

#: Uploads that are under way when the API is told to stop get so long to end; their senders repeat the others.
FINISH_WITHIN_S = 10


@api.command()
def run_api() -> None:
    """Serve until told to stop."""
    settings = read_settings()
    configure(settings.log_level, component="api")
    check_port(settings)
    uvicorn.run(
        "service.web.main:app_from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        log_config=None,
        # Paths can hold search words; the API logs its requests itself, without them.
        access_log=False,
        server_header=False,
        # Behind a proxy the address that login tries are counted by, and whether the cookie is Secure, are the proxy's to tell.
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=FINISH_WITHIN_S,
    )


@migrate.command()
def run_migrate() -> None:
    """Create or upgrade the tables; several at once are fine, and so is a database that is up to date."""
    with open_database():
        typer.echo("the database is at the newest schema")
