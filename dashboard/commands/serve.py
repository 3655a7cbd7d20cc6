"""`python -m dashboard serve`: the web server in the foreground."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()

_STOP_WITHIN_S = 2
"""Open live sockets must not hold up a stop for longer."""


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port instead of QUANXIANG_PORT.")] = None,
    host: Annotated[str | None, typer.Option(help="Address instead of QUANXIANG_HOST.")] = None,
) -> None:
    """Serve the product until Ctrl-C. Example: python -m dashboard serve --port 8060."""
    import dataclasses

    import uvicorn

    from dashboard.app import create_app
    from dashboard.logs import log_config
    from dashboard.settings import Settings
    from gis.errors import SetupFault

    settings = Settings.from_env()
    settings = dataclasses.replace(settings, port=port or settings.port, host=host or settings.host)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        log_config=log_config(settings.log_level, settings.log_format),
        access_log=settings.log_level == "debug",
        timeout_graceful_shutdown=_STOP_WITHIN_S,
        ws_ping_interval=20.0,
    )
    try:
        socket = config.bind_socket()
    except SystemExit:
        raise SetupFault(
            f"port {settings.port} of {settings.host} is taken: choose another with QUANXIANG_PORT"
        ) from None
    uvicorn.Server(config).run(sockets=[socket])
