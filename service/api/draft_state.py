"""A draft as it stands: against the version in use now, what is wrong with it, and what keeps it from being published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.api.deps import Services
from service.api.schemas_pack_drafts import Blocker, Change
from service.scoring.errors import DraftUnknown, LanguageUnsupported
from service.scoring.pack_texts import files_sha256, hashes_of, header_path
from service.scoring.parsing import Checked
from service.store.records_packs import Draft, PackVersionRow, Trial
from service.store.transaction import Transaction

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InUse:
    """The version in use: its files, and the number under which it was published (0: it is the folder's)."""

    version: str
    number: int
    texts: Mapping[str, str]
    hashes: Mapping[str, str]

    @property
    def sha256(self) -> str:
        return files_sha256(self.hashes)


@dataclass(frozen=True, slots=True)
class DraftState:
    """Everything that pages and the API show of a draft. `history` is the newest first."""

    draft: Draft
    hashes: Mapping[str, str]
    sizes: Mapping[str, int]
    in_use: InUse
    checked: Checked
    trials: tuple[Trial, ...]
    tested: Trial | None
    history: tuple[PackVersionRow, ...]
    version: str | None

    @property
    def sha256(self) -> str:
        return files_sha256(self.hashes)

    @property
    def changes(self) -> dict[str, Change]:
        """How each file of the draft and of the version in use differs, by path."""
        return changes_between(self.in_use.hashes, self.hashes)


def in_use_of(services: Services, pack_id: str, language: str) -> InUse:
    """The version that the next call is scored by. Raises LanguageUnsupported, PackError."""
    texts = services.packs.texts(pack_id, language)
    version = services.packs.header(pack_id, language).version or ""
    with services.database.read() as tx:
        history = tx.packs.history(pack_id, language)
    return InUse(version, history[0].number if history else 0, texts, hashes_of(texts))


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Change]:
    """By path; hashes in."""
    found: dict[str, Change] = {}
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        found[path] = "same" if old == new else "added" if old is None else "removed" if new is None else "changed"
    return found


def state_of(services: Services, tx: Transaction, draft: Draft) -> DraftState:
    """Checks the files, which takes half a second where they changed. Raises DraftUnknown."""
    try:
        in_use = in_use_of(services, draft.pack_id, draft.language)
    except LanguageUnsupported:
        raise DraftUnknown(
            f"the pack {draft.pack_id!r} is not there any more in the language {draft.language!r}; throw the draft away"
        ) from None
    hashes = tx.drafts.hashes(draft.id)
    sha256 = files_sha256(hashes)
    checked = services.packs.check_draft(sha256, lambda: tx.drafts.texts(draft.id), draft.pack_id, draft.language)
    trials = tx.trials.of_draft(draft.id)
    return DraftState(
        draft=draft,
        hashes=hashes,
        sizes=tx.drafts.sizes(draft.id),
        in_use=in_use,
        checked=checked,
        trials=trials,
        tested=tx.trials.tests_of(sha256),
        history=tx.packs.history(draft.pack_id, draft.language),
        version=services.packs.version_of(tx.drafts.text(draft.id, header_path(draft.pack_id, draft.language))),
    )


def blockers(state: DraftState) -> tuple[Blocker, ...]:
    """What has to be done before the draft can be published, in the order in which to do it."""
    found: list[Blocker] = []
    if state.checked.problems:
        count = len(state.checked.problems)
        found.append(Blocker(code="errors", message=f"mend the errors of the draft: {count} found"))
    if state.sha256 == state.in_use.sha256:
        found.append(Blocker(code="unchanged", message="nothing differs from the version in use; change something"))
    highest = highest_version(state)
    if not state.checked.problems and version_key(state.version) <= version_key(highest):
        message = f"raise the version in pack.yaml: it must be higher than {highest}, found {state.version}"
        found.append(Blocker(code="version_too_low", message=message))
    if not state.checked.problems:
        found += _tests(state)
    return tuple(found)


def _tests(state: DraftState) -> list[Blocker]:
    if state.tested is not None:
        failed = (state.tested.result or {}).get("failed", 0)
        message = f"{failed} tests fail; mend the rules or the tests, and run them again"
        return [Blocker(code="tests_failed", message=message)] if failed else []
    running = any(
        trial.state == "running" and trial.choice.kind == "test" and trial.files_sha256 == state.sha256
        for trial in state.trials
    )
    if running:
        return [Blocker(code="tests_running", message="wait until the tests have run")]
    return [Blocker(code="not_tested", message="run the tests of the draft as it stands now")]


def highest_version(state: DraftState) -> str:
    """The highest version that was ever published, or is in use: no later one may have its number."""
    return max((state.in_use.version, *(row.version for row in state.history)), key=version_key)


def version_key(version: str | None) -> Version:
    """`1.10.0` behind `1.9.0`; what is no version before all."""
    parts = (version or "").split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() and len(part) < 10 for part in parts) else ()  # noqa: PLR2004 - digits
