"""The wiring: settings, server, API, callbacks, live updates and the command line."""

__version__ = "0.1.0"
