"""A day with callscore, by HTTP alone: a telephony system uploads, a QA lead reviews, a manager looks at figures.

    CALLSCORE_API_KEY=cs_... python examples/day.py --url http://127.0.0.1:8321 recording.wav ...

The key must be an admin's: it makes a team, a rep, a key for the telephony system and two users, who then log in like people do.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from service.client import ApiProblem, Client, Unreachable
from service.client.types import Call

TEAM = "Example team"
REP = "example-rep"
PASSWORD_OF_THE_DAY = f"example-{uuid4().hex}"


def say(who: str, what: str) -> None:
    print(f"{who:>10}  {what}")  # noqa: T201 - an example prints


def main(argv: Sequence[str]) -> int:
    arguments = argparse.ArgumentParser(description="A day with callscore, by HTTP alone.")
    arguments.add_argument("recordings", nargs="+", type=Path)
    arguments.add_argument("--url", default="http://127.0.0.1:8321")
    arguments.add_argument("--script", default=None, help="Rule pack; default: the service's.")
    arguments.add_argument("--wait", type=float, default=900.0, help="Seconds to wait for the scores.")
    given = arguments.parse_args(argv)
    key = os.environ.get("CALLSCORE_API_KEY", "")
    try:
        with Client(given.url, key=key) as admin:
            return day(admin, given)
    except (ApiProblem, Unreachable, TimeoutError) as error:
        print(f"day.py: {error}", file=sys.stderr)  # noqa: T201
        return 1


def day(admin: Client, given: argparse.Namespace) -> int:
    house = Morning(admin, given.url)
    try:
        calls = telephony(house, given)
        scored = [call for call in calls if call["status"] == "scored"]
        lead(house, scored)
        manager(house)
    finally:
        house.evening()
    return 0 if len(scored) == len(calls) else 1


class Morning:
    """An admin prepares: a team, a rep, a key for the telephony system, two users. `evening` shuts them out again."""

    def __init__(self, admin: Client, url: str) -> None:
        self.admin = admin
        self.url = url
        self.today = uuid4().hex[:8]
        for make in (lambda: admin.create_team(TEAM), lambda: admin.create_rep(REP, name="Example Rep", team=TEAM)):
            try:
                make()
            except ApiProblem as problem:
                if problem.code != "name_taken":
                    raise
        made = self._post("/v1/api-keys", {"name": f"example pbx {self.today}", "role": "uploader", "team": TEAM})
        self.key_id, self.pbx_key = made["id"], made["key"]
        self.users = [
            self._post("/v1/users", {"email": self.email(role), "role": role, "password": PASSWORD_OF_THE_DAY, **more})
            for role, more in (("qa_lead", {}), ("manager", {"team": TEAM}))
        ]
        say("admin", f"prepared team '{TEAM}', rep '{REP}', a key for the telephony system and two users")

    def email(self, role: str) -> str:
        return f"{role}-{self.today}@example.com"

    def evening(self) -> None:
        for user in self.users:
            self.admin.request("PATCH", f"/v1/users/{user['id']}", json={"disabled": True})
        self.admin.request("DELETE", f"/v1/api-keys/{self.key_id}")
        acts = self.admin.request("GET", "/v1/audit", params={"limit": 200})["items"]
        today = {f"user:{user['id']}" for user in self.users}
        listened = sum(act["action"] == "call.listen" and act["actor"] in today for act in acts)
        say("admin", f"shut the key and the users out; the audit log has {listened} recordings that they listened to")

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self.admin.request("POST", path, json=body)


def telephony(house: Morning, given: argparse.Namespace) -> list[Call]:
    """Uploads in a burst, one of them twice, and waits."""
    options = {} if given.script is None else {"script": given.script}
    with Client(house.url, key=house.pbx_key) as pbx:
        recordings: list[Path] = given.recordings
        sent = [
            pbx.upload(
                path,
                source="example-day",
                external_id=f"{house.today}/{path.name}",
                rep=REP,
                direction="outbound",
                **options,
            )
            for path in recordings
        ]
        say("telephony", f"uploaded {len(sent)} recordings")
        again = pbx.upload(
            recordings[0],
            source="example-day",
            external_id=f"{house.today}/{recordings[0].name}",
            rep=REP,
            direction="outbound",
            **options,
        )
        say("telephony", f"sent the first one again, to be sure: the same call {again['id'] == sent[0]['id']}")
        done = [pbx.wait_until_scored(call["id"], within_s=given.wait) for call in sent]
        for call in done:
            why = f": {call['error']['message']}" if call["error"] else ""
            say("telephony", f"{call['external_id']} is {call['status']}{why}")
        try:
            pbx.scorecard(sent[0]["id"])
        except ApiProblem as problem:
            say("telephony", f"asked for a scorecard and may not: {problem.code}")
    return done


def lead(house: Morning, calls: list[Call]) -> None:
    """Works through what the queue offers, hears it, and confirms."""
    with Client(house.url) as lead:
        me = lead.log_in(house.email("qa_lead"), PASSWORD_OF_THE_DAY)
        say("QA lead", f"logged in with the role {me['role']}")
        for entry in list(lead.review_queue(team=TEAM))[:3]:
            call = entry["call"]
            reason = entry["reasons"][0]["en"] if entry["reasons"] else "no flag"
            say("QA lead", f"sees {call['external_id']} in the queue: {reason}")
        for call in calls[:1]:
            word = lead.review_of(call["id"])
            heard = len(lead.audio(call["id"]))
            say(
                "QA lead",
                f"heard {call['external_id']} ({heard} bytes) and read {len(_quotes(word['effective']))} quotes",
            )
            for quote in _quotes(word["effective"])[:3]:
                say("QA lead", f"    {quote}")
            done = lead.review(
                call["id"], scorecard_id=word["scorecard_id"], version=word["version"], verdict="confirmed"
            )
            say("QA lead", f"confirmed it: review {done['version']}")
            try:
                lead.review(call["id"], scorecard_id=word["scorecard_id"], version=word["version"], verdict="confirmed")
            except ApiProblem as problem:
                say("QA lead", f"a second reviewer with the old page is told: {problem.detail}")
        lead.log_out()


def manager(house: Morning) -> None:
    """Looks at the team's figures and at one rep."""
    with Client(house.url) as manager:
        me = manager.log_in(house.email("manager"), PASSWORD_OF_THE_DAY)
        say("manager", f"logged in, sees one team only: {me['team_id'] is not None}")
        for group in manager.kpi(group_by="rep")["groups"]:
            say("manager", f"{group['title']}: {group['calls']['scored']} of {group['calls']['received']} calls scored")
            for figure in group["kpis"]:
                value = "no data" if figure["value"] is None else f"{figure['value']:.2f}"
                target = (
                    ""
                    if figure["target"] is None
                    else f", target {figure['target']:g}, {figure['status'] or 'nothing to judge'}"
                )
                say("manager", f"    {figure['title']['en']}: {value} (n = {figure['n']}{target})")
        rep = next(rep for rep in manager.reps() if rep["external_id"] == REP)
        quality = manager.rep_quality(rep["id"])
        for finding in quality["findings"][:3]:
            say("manager", f"    {finding['sentence']['en']}")
        manager.log_out()


def _quotes(scorecard: dict[str, Any]) -> list[str]:
    return [
        f'{item["title"]["en"]}: {item["status"]}: "{item["evidence"][0]["quote"]}"'
        for item in scorecard["items"]
        if item.get("evidence")
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
