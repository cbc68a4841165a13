"""The tables of reviews, overrides, disputes, calibration, retention; see `service.store.models` for the others and for what holds for all.

`reviewer`, `by` and the like name who acted as the audit log does: `user:<id>` or `key:<prefix>`, never a person's name.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid, text

from service.store.models import metadata
from service.store.records_reviews import DISPUTE_STATES, VERDICTS
from service.store.types import Json, UtcDateTime, one_of

__all__ = ["metadata"]

#: The severity of a call without a flag.
NO_FLAG = 0
#: From how much it teaches (millionths) a call without a flag is worth a reviewer's time. Two indexes name it: another value
#: needs a migration.
TEACHES_ENOUGH_PPM = 500_000

# What of a pack is needed to judge a review: one row for each content hash that ever scored a call.
pack_rulings = Table(
    "pack_rulings",
    metadata,
    Column("pack_sha256", Text, primary_key=True),
    Column("content", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Secrets that this installation drew for itself. Nobody can work out from a call's id whether it is in the random sample.
draws = Table(
    "draws",
    metadata,
    Column("name", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

# One row for each scored call: its place in the queue, and who is at it.
review_queue = Table(
    "review_queue",
    metadata,
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    # 3 high, 2 medium, 1 low, 0 no flag.
    Column("severity", Integer, nullable=False),
    # How much a review of this call would teach about the rules, 0..1,000,000.
    Column("teaches_ppm", Integer, nullable=False),
    # Where the call's lot falls, 0..999,999: below the share of the setting it is in the random sample.
    Column("lot_ppm", Integer, nullable=False),
    # Another lot, 0..999,999: where a sampled call stands among those that teach.
    Column("turn_ppm", Integer, nullable=False),
    Column("waiting_since", UtcDateTime, nullable=False),
    Column("reviewed_at", UtcDateTime),
    Column("claimed_by", Text),
    Column("claimed_until", UtcDateTime),
    # Whose call it is until it is reviewed, however long that takes; None: whoever comes.
    Column("assigned_to", Text),
)
# Those that wait: flagged ones are walked severity by severity; of the others a few teach enough, and of the rest a share is drawn
# by lot. No call is in two of these indexes.
_FLAGGED, _PLAIN = f"reviewed_at IS NULL AND severity > {NO_FLAG}", f"reviewed_at IS NULL AND severity = {NO_FLAG}"
for _by, _some in (
    (("severity", "waiting_since", "call_id"), _FLAGGED),
    (("teaches_ppm",), f"{_PLAIN} AND teaches_ppm >= {TEACHES_ENOUGH_PPM}"),
    (("lot_ppm",), f"{_PLAIN} AND teaches_ppm < {TEACHES_ENOUGH_PPM}"),
):
    Index(
        f"ix_review_queue_{_by[0]}",
        *(review_queue.c[name] for name in _by),
        sqlite_where=text(_some),
        postgresql_where=text(_some),
    )

# Who holds what: few rows of many.
for _name in ("assigned_to", "claimed_by"):
    _held = text(f"{_name} IS NOT NULL AND reviewed_at IS NULL")
    Index(f"ix_review_queue_{_name}", review_queue.c[_name], sqlite_where=_held, postgresql_where=_held)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("call_id", Uuid, ForeignKey("calls.id"), nullable=False),
    # 1, 2, 3 ... of its call; two reviews at once cannot both be the next one.
    Column("version", Integer, nullable=False),
    Column("scorecard_id", Uuid, ForeignKey("scorecards.id"), nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    # review: of the whole call. dispute: of the one point that was disputed.
    Column("origin", Text, nullable=False),
    Column("comment", Text, nullable=False),
    # Whether the call was in the random sample when it was reviewed.
    Column("lot_ppm", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    one_of("verdict", VERDICTS),
    one_of("origin", ("review", "dispute")),
    Index("uq_reviews_call_id_version", "call_id", "version", unique=True),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("call_id", Uuid, ForeignKey("calls.id"), nullable=False),
    Column("review_id", Uuid, ForeignKey("reviews.id"), nullable=False, index=True),
    # What it is about, as `Override.key`; one in force for each.
    Column("about", Text, nullable=False),
    Column("decision", Json, nullable=False),
    # What the machine said about it then.
    Column("machine", Json, nullable=False),
    Column("reason", Text, nullable=False),
    # The text that places of objections refer to.
    Column("transcript_sha256", Text, nullable=False),
    # applies, agrees or lapsed, against the call's current scorecard.
    Column("state", Text, nullable=False),
    # Replaced by a later one, or withdrawn.
    Column("ended_at", UtcDateTime),
    one_of("state", ("applies", "agrees", "lapsed")),
)
Index(
    "uq_overrides_in_force",
    overrides.c.call_id,
    overrides.c.about,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

# One verdict of people beside the machine's: what agreement by rule is counted from.
review_marks = Table(
    "review_marks",
    metadata,
    Column("scorecard_id", Uuid, ForeignKey("scorecards.id"), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("call_id", Uuid, ForeignKey("calls.id"), nullable=False, index=True),
    Column("machine", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("pack_id", Text, nullable=False),
    Column("pack_version", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("lot_ppm", Integer, nullable=False),
    # The first day of the month of the review, UTC.
    Column("month", Date, nullable=False),
    Index(None, "pack_id", "rule", "month"),
)

disputes = Table(
    "disputes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("call_id", Uuid, ForeignKey("calls.id"), nullable=False, index=True),
    Column("scorecard_id", Uuid, ForeignKey("scorecards.id"), nullable=False),
    # The point that is disputed, as `Override.key`.
    Column("about", Text, nullable=False),
    Column("wish", Json, nullable=False),
    Column("argument", Text, nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
    Column("answer", Text),
    Column("review_id", Uuid, ForeignKey("reviews.id")),
    one_of("state", DISPUTE_STATES),
    Index(None, "state", "raised_at", "id"),
)
# A point is disputed once at a time.
Index(
    "uq_disputes_open",
    disputes.c.call_id,
    disputes.c.about,
    unique=True,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

calibrations = Table(
    "calibrations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("closed_by", Text),
    Column("closed_at", UtcDateTime),
)

calibration_calls = Table(
    "calibration_calls",
    metadata,
    Column("calibration_id", Uuid, ForeignKey("calibrations.id"), primary_key=True),
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    # The form that all fill in, and the machine's verdicts: those of this scorecard.
    Column("scorecard_id", Uuid, ForeignKey("scorecards.id"), nullable=False),
)

calibration_sheets = Table(
    "calibration_sheets",
    metadata,
    Column("calibration_id", Uuid, ForeignKey("calibrations.id"), primary_key=True),
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    Column("reviewer", Text, primary_key=True),
    # Rule -> verdict.
    Column("verdicts", Json, nullable=False),
    Column("comment", Text, nullable=False),
    Column("submitted_at", UtcDateTime, nullable=False),
)

# A rule that was told to stop counting; `ended_at` when it counts again.
rule_switches = Table(
    "rule_switches",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("pack_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("stopped_by", Text, nullable=False),
    Column("stopped_at", UtcDateTime, nullable=False),
    Column("ended_by", Text),
    Column("ended_at", UtcDateTime),
    Column("end_reason", Text),
    # How far the stored scorecards were counted anew since the last change; done is set at the end.
    Column("recounted_to", Uuid),
    Column("recounted", Boolean, nullable=False),
)
Index(
    "uq_rule_switches_in_force",
    rule_switches.c.pack_id,
    rule_switches.c.rule,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

# How long recordings and texts are kept. A rule without a team holds for all calls whose team has none of its own.
retention_rules = Table(
    "retention_rules",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("team_id", Uuid, ForeignKey("teams.id")),
    Column("what", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    one_of("what", ("audio", "text")),
)
for _name, _condition in (("team", "team_id IS NOT NULL"), ("house", "team_id IS NULL")):
    Index(
        f"uq_retention_rules_{_name}",
        *((retention_rules.c.team_id,) if _name == "team" else ()),
        retention_rules.c.what,
        unique=True,
        sqlite_where=text(_condition),
        postgresql_where=text(_condition),
    )

# What was forgotten of a call, and when. Recordings are deleted after the commit: `audio_key` until that is done.
erasures = Table(
    "erasures",
    metadata,
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    Column("audio_at", UtcDateTime),
    Column("text_at", UtcDateTime),
    # The whole call: nobody can look at it any more, only its numbers count on.
    Column("call_at", UtcDateTime, index=True),
    Column("audio_key", Text, index=True),
)
