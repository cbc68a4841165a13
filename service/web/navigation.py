"""The pages in the order of the top bar."""

from __future__ import annotations

from dataclasses import dataclass

from service.web.language import said
from service.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class PageLink:
    address: str
    title: str
    #: Who may do this operation sees the link.
    operation: str


_PAGES = (
    PageLink("/today", said("Today"), "get_kpi"),
    PageLink("/review", said("Review"), "list_review_queue"),
    PageLink("/calls", said("Calls"), "list_calls"),
    PageLink("/reps", said("Reps"), "list_reps"),
    PageLink("/rules", said("Rules"), "list_packs"),
    PageLink("/admin", said("Admin"), "list_keys"),
)


def pages_for(visitor: Visitor) -> tuple[PageLink, ...]:
    """What this visitor may open."""
    own = visitor.asker is not None and visitor.asker.rep_id is not None
    pages = tuple(page for page in _PAGES if visitor.may(page.operation))
    if own:
        return (
            PageLink(first_page(visitor), said("My figures"), ""),
            *(page for page in pages if page.address == "/calls"),
        )
    return pages


def first_page(visitor: Visitor) -> str:
    """Where the visitor begins: reviewers at the queue, reps at their own figures, managers at today."""
    asker = visitor.asker
    if asker is not None and asker.role == "rep" and asker.user is not None and asker.user.rep is not None:
        return f"/reps/{asker.user.rep.id}"
    return "/today" if visitor.may("get_kpi") else "/calls"
