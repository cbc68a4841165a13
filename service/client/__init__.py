"""A thin typed client of the HTTP API; needs nothing of callscore but this folder, and httpx.

    with Client("https://callscore.example.com", key="cs_...") as callscore:
        call = callscore.upload("call.wav", source="pbx", external_id="4711", rep="r-17")
        call = callscore.wait_until_scored(call["id"])
        print(callscore.scorecard(call["id"])["argumentation"])

client.py   Client: one method an operation;  types.py  the shapes of answers;  transport.py  keys, retries, problems
"""

from service.client.client import Client
from service.client.transport import ApiProblem, Unreachable
from service.client.types import Call, KpiAnswer, Rep, Team, WhoAmI

__all__ = ["ApiProblem", "Call", "Client", "KpiAnswer", "Rep", "Team", "Unreachable", "WhoAmI"]
