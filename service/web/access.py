"""Who may see a page: whoever may do the operation of the API that the page shows. See `service.api.access` for those."""

from __future__ import annotations

#: Page -> the operation whose line in the API's table decides.
PAGES: dict[str, str] = {
    "page_start": "get_session",
    "page_logout": "end_session",
    "page_password": "change_own_password",
    "page_password_send": "change_own_password",
    "page_calls": "list_calls",
    "page_call": "get_scorecard",
    "page_call_state": "get_call",
    "page_call_peaks": "get_audio",
    "page_call_retry": "retry_call",
    "page_today": "get_kpi",
    "page_reps": "list_reps",
    "page_rep": "get_rep_quality",
    "page_rep_month": "get_rep_quality",
}
#: Pages for everybody, also before logging in.
OPEN_PAGES = frozenset({"page_login", "page_login_send", "page_language"})
