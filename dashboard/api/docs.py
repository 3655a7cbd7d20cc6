"""The description of the API as one plain page that asks nothing of another machine."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

_STYLE = """body{font:14px/1.5 system-ui,"Noto Sans SC",sans-serif;margin:0 auto;max-width:64rem;padding:1.5rem;
color:var(--text);background:var(--ground)}h1{font-size:20px}h2{font-size:16px;margin:1.5rem 0 .5rem}
section{border:1px solid var(--line);background:var(--surface);border-radius:6px;padding:.75rem 1rem;margin:.5rem 0}
code,pre{font-family:ui-monospace,monospace;font-size:12px}pre{overflow:auto;margin:.5rem 0 0}b{display:inline-block;
min-width:4rem}table{border-collapse:collapse;margin-top:.5rem}td{padding:.125rem .75rem .125rem 0;vertical-align:top;
color:var(--second)}"""


def router() -> APIRouter:
    """Return the route `/api/docs`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/api/docs")
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(page_of(request.app.openapi()))

    return routes


def page_of(schema: dict[str, Any]) -> str:
    """Return a page that lists every operation of an OpenAPI schema with its parameters and bodies."""
    groups: dict[str, list[str]] = {}
    for path, item in schema["paths"].items():
        for method, told in item.items():
            groups.setdefault((told.get("tags") or ["other"])[0], []).append(_operation(path, method, told))
    parts = [f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in sorted(groups.items())]
    models = "".join(
        f"<section id='{escape(name)}'><code>{escape(name)}</code>"
        f"<pre>{escape(json.dumps(model, indent=1))}</pre></section>"
        for name, model in sorted(schema.get("components", {}).get("schemas", {}).items())
    )
    title = escape(f"{schema['info']['title']} {schema['info']['version']}")
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title} API</title>"
        f"<link rel='stylesheet' href='/theme.css'><style>{_STYLE}</style></head><body><h1>{title} API</h1>"
        '<p><a href=\'/api/openapi.json\'>openapi.json</a> · Errors: <code>{"error": {"code", "message", "fields"}}'
        "</code> · Replays of one (source, external_id) or one Idempotency-Key change nothing.</p>"
        f"{''.join(parts)}<h2>schemas</h2>{models}</body></html>"
    )


def _operation(path: str, method: str, told: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}"
        f"{' *' if one.get('required') else ''}</td><td>{escape(one.get('description') or '')}</td></tr>"
        for one in told.get("parameters", [])
    )
    bodies = told.get("requestBody", {}).get("content", {})
    body = "".join(
        f"<tr><td><code>body</code></td><td>{escape(kind)}</td><td>{_model(given.get('schema', {}))}</td></tr>"
        for kind, given in bodies.items()
    )
    return (
        f"<section><b>{escape(method.upper())}</b> <code>{escape(path)}</code>"
        f"<div>{escape(told.get('description') or '')}</div><table>{rows}{body}</table></section>"
    )


def _model(schema: dict[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
    return f"<a href='#{escape(name)}'>{escape(name)}</a>" if name else escape(str(schema.get("description", "")))
