"""Example models as plain arrays and back, so that they can be kept without pickles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from service.scoring.examples import GroupModel, SpeakerModel, TrainedModels
from service.scoring.ngrams import Vocabulary

Arrays = Mapping[str, npt.NDArray[Any]]
_OUTLINE = "outline"


def to_arrays(models: TrainedModels) -> dict[str, npt.NDArray[Any]]:
    """Arrays by name; `outline` holds the rest as JSON text in UTF-8 bytes."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    outline: dict[str, Any] = {}
    for speaker, model in models.items():
        arrays[f"{speaker}.idf"] = model.vocabulary.idf
        for number, group in enumerate(model.groups):
            arrays[f"{speaker}.{number}.weights"] = group.weights
            arrays[f"{speaker}.{number}.bias"] = group.bias
        outline[speaker] = {
            "grams": model.vocabulary.grams,
            "groups": [
                {
                    "group": group.group,
                    "exclusive": group.exclusive,
                    "rules": group.rules,
                    "slope": group.slope,
                    "offset": group.offset,
                }
                for group in model.groups
            ],
        }
    text = json.dumps(outline, ensure_ascii=False, separators=(",", ":"))
    arrays[_OUTLINE] = np.frombuffer(text.encode(), dtype=np.uint8)
    return arrays


def from_arrays(arrays: Arrays) -> TrainedModels:
    """The models again, bit for bit.

    Raises:
        ValueError: something is missing or does not fit together.
    """
    try:
        outline = json.loads(bytes(arrays[_OUTLINE]).decode())
        return {str(speaker): _speaker(str(speaker), part, arrays) for speaker, part in outline.items()}
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"the arrays hold no example models: {error!r}") from error


def _speaker(speaker: str, outline: Mapping[str, Any], arrays: Arrays) -> SpeakerModel:
    grams = [str(gram) for gram in outline["grams"]]
    idf = arrays[f"{speaker}.idf"]
    if idf.shape != (len(grams),):
        raise ValueError("n-grams and their weights do not fit together")
    groups = []
    for number, part in enumerate(outline["groups"]):
        weights, bias = arrays[f"{speaker}.{number}.weights"], arrays[f"{speaker}.{number}.bias"]
        rules = tuple(str(rule) for rule in part["rules"])
        columns = len(rules) + bool(part["exclusive"])
        if weights.shape != (len(grams), columns) or bias.shape != (columns,):
            raise ValueError(f"the model of {part['group']} has the wrong shape")
        groups.append(
            GroupModel(
                group=str(part["group"]),
                exclusive=bool(part["exclusive"]),
                rules=rules,
                weights=weights.astype(np.float32),
                bias=bias.astype(np.float32),
                slope=float(part["slope"]),
                offset=float(part["offset"]),
            )
        )
    return SpeakerModel(Vocabulary(grams, idf.astype(np.float32)), tuple(groups))
