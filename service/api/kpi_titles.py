"""What packs say about themselves without being built: titles of their rules, and which version stands on disk."""

from __future__ import annotations

from collections.abc import Mapping

from service.packs import PackLibrary
from service.scoring.fields import TEXT_LANGUAGES
from service.scoring.kpi_sums import PartKind
from service.scoring.parsing import PACK_FILE
from service.scoring.results import Text
from service.scoring.source import Node, RawFile

#: Titles by kind and id of the part.
Titles = Mapping[tuple[PartKind, str], Text]
_FOLDERS: dict[str, PartKind] = {"script": "item", "objections": "objection", "violations": "violation"}
#: What a call is called whose rep has no role, or no team.
ROLE_TITLES: dict[str, Text] = {
    "sdr": {"ru": "SDR", "en": "SDR"},
    "sales_manager": {"ru": "Менеджер по продажам", "en": "Sales manager"},
    "account_manager": {"ru": "Аккаунт-менеджер", "en": "Account manager"},
    "head_of_sales": {"ru": "Руководитель продаж", "en": "Head of sales"},
    "": {"ru": "Без роли", "en": "No role"},
}


def part_titles(packs: PackLibrary) -> Titles:
    """Titles of script items, objection types and violations of all packs, by kind and id."""
    found: dict[tuple[PartKind, str], Text] = {}
    for language in TEXT_LANGUAGES:
        for path, file in packs.read(language).items():
            place = path.split("/")
            if len(place) == len(("language", "pack", "group", "file")) and place[2] in _FOLDERS:
                fields = _mapping(file)
                name, title = fields.get("id"), _text(fields.get("title"))
                if name is not None and title is not None:
                    found.setdefault((_FOLDERS[place[2]], str(name.value)), title)
    return found


def current_rules(packs: PackLibrary) -> frozenset[tuple[str, str]]:
    """Pairs of script and rules (ru/1.2.0), as the rollup has them, of the packs on disk."""
    found: set[tuple[str, str]] = set()
    for language in TEXT_LANGUAGES:
        for path, file in packs.read(language).items():
            place = path.split("/")
            version = _mapping(file).get("version")
            if place[2:] == [PACK_FILE] and version is not None:
                found.add((place[1], f"{language}/{version.value}"))
    return frozenset(found)


def _mapping(file: RawFile) -> Mapping[str, Node]:
    if file.root is None or not isinstance(file.root.value, Mapping):
        return {}
    return file.root.value


def _text(node: Node | None) -> Text | None:
    if node is None or not isinstance(node.value, Mapping):
        return None
    texts = {language: str(value.value) for language, value in node.value.items()}
    return texts if set(texts) == set(TEXT_LANGUAGES) else None
