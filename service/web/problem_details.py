"""The API's own words about a problem, in the visitor's language.

The API writes its messages in English. Those that people meet on pages stand here as sentences of the catalogue, with places for what
changes; a message that is none of them is left out, or replaced by one that holds for all, so that nobody is shown a language they did not choose.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.web.known_sentences import said_again
from service.web.language import WRITTEN_IN, said
from service.web.visitor import Visitor

#: From the special to the general: the first that fits is taken.
SENTENCES: tuple[str, ...] = (
    # fields
    said("is required"),
    said("field required"),
    said("is required: the recording, as a file"),
    said("is required for the role rep: the rep's id in the telephony system"),
    said("is required for a manager: a team's name, or null for all teams"),
    said("is not known here"),
    said("is not known here; known are %(known)s"),
    said("is given twice"),
    said("must not be blank"),
    said("must not contain control characters"),
    said("must not contain control characters other than line breaks and tabs"),
    said("must be text in UTF-8"),
    said("must have at most %(limit)s characters, found %(found)s"),
    said("must have at most %(limit)s bytes"),
    said("must be one of %(known)s, which %(script)s has rules for; leave it out to have it detected"),
    said("must be one of the packs: %(known)s"),
    said("must be one of %(known)s"),
    said("must be one or more of %(known)s, with commas between"),
    said("must be a day like 2025-11-23"),
    said("must be a day like 2025-11-23 or a time like 2025-11-23T10:15:00Z: %(error)s"),
    said("must be a time with its offset (RFC 3339), like %(example)s"),
    said("must be a day and a time, like %(example)s"),
    said("there is no such time: the clocks were put forward then"),
    said("there is no such time; write it like %(example)s"),
    said("must lie between %(low)s and %(high)s"),
    said("must lie after `from`"),
    said("must not lie before `from`"),
    said("must not lie before %(day)s"),
    said("must not lie more than %(days)s days after `from`"),
    said("must not be less than `%(field)s`"),
    said("must have a letter or a digit: it is looked for in what was said"),
    said("must be the name of a time zone, like Europe/Moscow or UTC"),
    said("must be an e-mail like anna@example.com"),
    said("must be a URL like https://crm.example.com/hooks/callscore"),
    said("must be https; http is for private networks of CALLSCORE_WEBHOOK_NETWORKS"),
    said("must have no user name, password or #fragment"),
    said("is a private address; CALLSCORE_WEBHOOK_NETWORKS allows some"),
    said("is for managers; leave it out for the role %(role)s"),
    said("is no rule pack here; there are %(known)s"),
    said("belongs to another team than yours"),
    said("must be left out for an admin, who looks after all teams"),
    said("is not one that this list gave out; leave it away to start anew"),
    said("must be the id of a user who may review and can log in; see GET /v1/review/reviewers"),
    said("must name each call once"),
    said("lies more than a day in the future"),
    said("lies more than a day in the future; check the recorder's clock and time zone"),
    # decisions of a review
    said("needs a reason: the rep will read it"),
    said("needs the words of the customer: select them in the conversation"),
    said("changes nothing: give type, steps, outcome, handled or points"),
    said("decides the same point as decision %(number)s; send one of them"),
    said("has to be the utterance that voices it, %(range)s"),
    said("has to be where the objection was voiced; the machine found this type at %(places)s"),
    said("is no item of this scorecard; it has %(known)s"),
    said("is no objection type of this pack; it has %(known)s"),
    said("is no violation of this pack; it has %(known)s"),
    said("was not found in this call, so it cannot be removed"),
    said("is no type of an objection that the machine found in this call"),
    said("must name each step once"),
    said("cannot be told: the text of this call was erased"),
    # of the checks of types
    said("string should have at most %(limit)s characters"),
    said("string should have at least 1 character"),
    said("string should have at least %(limit)s characters"),
    said("list should have at most %(limit)s items after validation, not %(found)s"),
    said("list should have at least 1 item after validation, not 0"),
    said("input should be a valid string"),
    said("input should be a valid integer"),
    said("input should be a valid number"),
    said("input should be a valid boolean"),
    said("input should be a valid UUID"),
    said("input should be less than or equal to %(limit)s"),
    said("input should be greater than or equal to %(limit)s"),
    said("input should be less than %(limit)s"),
    said("input should be greater than %(limit)s"),
    said("input should be a finite number"),
    # whole problems
    said("No user has this e-mail and password; check both, or ask an admin."),
    said("Too many tries to log in; wait %(minutes)s minutes and try again."),
    said("a password must have at least %(shortest)s characters, found %(found)s"),
    said("a password must have at most %(longest)s characters, found %(found)s"),
    said("a password must have at least %(number)s different characters; take a few words instead"),
    said("a password must not be the e-mail or be made of it; take a few words instead"),
    said("another reviewer is at this call until %(time)s UTC; take another one, or come back then"),
    said("a team named %(name)s exists; choose another name"),
    said("a webhook named %(name)s exists; choose another name"),
    said("a key named %(name)s exists; choose another name, or revoke that one first"),
    said("a rep with the id %(name)s exists; update that one instead"),
    said("a user with this e-mail exists; change that one, or take another address"),
    said("the recording lasts %(seconds)s s, the limit is %(limit)s s; split it"),
    said("the recording is larger than the limit of %(limit)s bytes; compress it, or send it in parts"),
    said("no rep has the id %(name)s; register it first"),
    said("this point is disputed already; wait for the decision"),
    said("the call was reviewed already, so it waits for nobody"),
    # drafts of rules
    said("is required: the pack's folder as a .zip"),
    said("the archive has %(size)s bytes; at most %(limit)s are allowed"),
    said("the archive has %(count)s files; at most %(limit)s are allowed"),
    said("the archive unpacks to more than the %(limit)s bytes allowed"),
    said("the file is no .zip archive, or a damaged one; zip the pack's folder again"),
    said("the archive has no pack.yaml; zip the pack's folder: %(folder)s/ with its pack.yaml"),
    said("the archive has %(count)s pack.yaml; zip the pack's folder alone: %(folder)s/"),
    said("the name leads out of the archive"),
    said("links are not allowed; put the file itself into the archive"),
    said("no file of the pack: expected it below %(folder)s/"),
    said("the file is encrypted; zip the folder without a password"),
    said("the file is compressed in a way that is not read here; use ordinary zip compression"),
    said("the file has more than the %(limit)s bytes allowed"),
    said("the archive has this file twice"),
    said("the file is not UTF-8"),
    said(
        "no place for a file: expected one of %(places)s, at most one folder below it, and a name of letters, digits, _ and - "
        "that ends in .yaml"
    ),
    said("the file has %(size)s bytes; at most %(limit)s are allowed: split its rule, or shorten its lists"),
    said("the file has characters that no text file can have"),
    said("the pack has %(count)s files; at most %(limit)s are allowed"),
    said("the files of the pack have %(size)s bytes together; at most %(limit)s are allowed"),
    said(
        "there are %(count)s open drafts of this pack, at most %(limit)s are allowed; throw away those that nobody needs"
    ),
    said("the draft was published as version %(version)s and is not changed any more; make a new one"),
    said("somebody changed the draft since you looked at it; look at it again"),
    said("version %(version)s came into use since you compared; look at what the draft changes now"),
    said("somebody published another version of this pack meanwhile; look at what your draft changes now"),
    said(
        "there are no scored calls of the pack %(pack)s in the language %(language)s in this period; choose a longer one"
    ),
    said("these are the rules in use: version %(version)s"),
    said("somebody else saved %(path)s since you opened it; look at what stands there now"),
    said("the draft has no file %(path)s (any more)"),
    # receivers of webhooks
    said("the receiver did not answer within %(seconds)s s"),
    said("the receiver cannot be reached: %(why)s"),
    said("the receiver answered %(status)s; redirects are not followed, so put the final URL into the webhook"),
    said("the receiver answered 410: it wants no more; the last error was: %(error)s"),
    said("no delivery succeeded since %(day)s; the last error was: %(error)s"),
    said("the receiver answered %(status)s"),
    said("the receiver's name cannot be resolved; check the URL"),
    said(
        "the receiver's address is private; CALLSCORE_WEBHOOK_NETWORKS names the private networks that may be sent to"
    ),
    said("a public receiver must be reached by https; http is for CALLSCORE_WEBHOOK_NETWORKS"),
)
#: What fields of forms are called; the last part of a name counts, `decisions.0.reason` is a reason.
FIELDS: Mapping[str, str] = {
    "audio": said("Recording"),
    "archive": said("Archive"),
    "most_calls": said("Calls at most"),
    "source": said("Source"),
    "external_id": said("Id"),
    "rep": said("Rep"),
    "team": said("Team"),
    "name": said("Name"),
    "email": said("E-mail"),
    "password": said("Password"),
    "current": said("Present password"),
    "new": said("New password"),
    "role": said("Role"),
    "language": said("Language"),
    "time_zone": said("Time zone"),
    "script": said("Rules"),
    "direction": said("Direction"),
    "started_at": said("When the call began"),
    "customer_ref": said("Customer"),
    "from": said("From"),
    "to": said("To"),
    "text": said("Words"),
    "status": said("State"),
    "state": said("State"),
    "reason": said("Reason"),
    "comment": said("Comment"),
    "argument": said("Why"),
    "answer": said("Answer"),
    "url": said("Address"),
    "events": said("Events"),
    "days": said("Days"),
    "cursor": said("Page of the list"),
    "calls": said("Calls"),
    "utterance": said("Number of the turn"),
    "steps": said("Steps"),
    "outcome": said("Outcome"),
    "type": said("Type"),
    "verdict": said("Verdict"),
    "flagged": said("Flags"),
    "holder": said("Held by"),
}
_UNTOLD = said("an error that only the log tells")
_ANY = said("this value cannot be taken")
_ANY_LIMIT = said("this value cannot be taken; the limit is %(limit)s")


def detail_in(visitor: Visitor, detail: str) -> str:
    """A message of the API as the visitor reads it; empty if it cannot be told in their language."""
    if visitor.language == WRITTEN_IN:
        return detail
    return said_again(visitor, detail, SENTENCES, {"error": _within})


def message_in(visitor: Visitor, message: str, limit: float | None) -> str:
    """What is wrong with a field, always something."""
    told = detail_in(visitor, message)
    if told or limit is None:
        return told or visitor.say(_ANY)
    return visitor.say(_ANY_LIMIT) % {"limit": visitor.formats.number(limit)}


def field_in(visitor: Visitor, field: str) -> str:
    """What a field is called; its own name where it has no other."""
    parts = [part for part in field.split(".") if not part.isdecimal()]
    label = FIELDS.get(parts[-1]) if parts else None
    return field if label is None else visitor.say(label)


def _within(visitor: Visitor, message: str) -> str:
    return detail_in(visitor, message) or visitor.say(_UNTOLD)
