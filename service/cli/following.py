"""Follows uploaded calls until each is scored or has failed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from service.cli.client import ServiceClient
from service.cli.rendering import clock

POLL_EVERY_S = 0.5
DONE = frozenset({"scored", "failed"})
STEPS = ("received", "transcribing", "transcribed", "scored")
STYLE = {"scored": "green", "failed": "red", "transcribing": "yellow", "transcribed": "cyan"}


def follow(client: ServiceClient, calls: Mapping[str, str], console: Console) -> dict[str, dict[str, Any]]:
    """Show each call going through its steps; returns the calls as the service describes them at the end.

    Args:
        calls: id -> name to show.
    """
    states: dict[str, dict[str, Any]] = {}
    told: dict[str, str] = {}
    with Live(console=console, refresh_per_second=8, transient=console.is_terminal) as live:
        while True:
            for call_id in calls:
                if not _ended(states.get(call_id, {})):
                    states[call_id] = client.get(f"/v1/calls/{call_id}")
            if console.is_terminal:
                live.update(_table(calls, states))
            else:
                _tell(calls, states, told, console)
            if all(map(_ended, states.values())):
                break
            time.sleep(POLL_EVERY_S)
    if console.is_terminal:
        console.print(_table(calls, states))
    return states


def _ended(state: Mapping[str, Any]) -> bool:
    """True for a call that waits for nothing any more; one with an error and a transcript has no rules for its language."""
    return state.get("status") in DONE or state.get("error") is not None


def _tell(
    calls: Mapping[str, str], states: Mapping[str, dict[str, Any]], told: dict[str, str], console: Console
) -> None:
    """Without a terminal: one line whenever a call reaches another step."""
    for call_id, name in calls.items():
        status = states[call_id]["status"]
        if told.get(call_id) != status:
            told[call_id] = status
            console.print(f"  {name}: {status}", markup=False, highlight=False)


def _table(calls: Mapping[str, str], states: Mapping[str, dict[str, Any]]) -> Table:
    table = Table("call", "rep", "length", "status", box=None, padding=(0, 2), header_style="dim")
    for call_id, name in calls.items():
        state = states.get(call_id)
        if state is not None:
            duration = state.get("duration_s") or (state.get("audio") or {}).get("duration_s")
            table.add_row(name, _rep(state), clock(duration), _status(state))
    return table


def _rep(state: Mapping[str, Any]) -> str:
    rep = state.get("rep")
    return str(rep.get("name") or rep.get("external_id")) if isinstance(rep, dict) else str(rep)


def _status(state: Mapping[str, Any]) -> Text | Spinner:
    status = state["status"]
    if status == "failed" or state.get("error"):
        error = state.get("error") or {}
        return Text(f"{status}: {error.get('message') or state.get('error_message')}", style="red")
    path = STEPS[: STEPS.index(status) + 1]
    text = Text(" › ").join(Text(step, style=STYLE.get(step, "dim") if step == status else "dim") for step in path)
    if status == "transcribing" and state.get("progress"):
        text.append(f" {state['progress']:.0%}", style="yellow")
    return text if status == "scored" else Spinner("dots", text)
