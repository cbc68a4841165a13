"""Forms of the administration -> what the API takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from service.api.problems import invalid
from service.api.validation import from_framework

Model = TypeVar("Model", bound=BaseModel)


def model_of(model: type[Model], form: FormData, more: Mapping[str, Any] | None = None) -> Model:
    """The filled fields of a form as the API's model; `more` are fields that the form has in another shape. Raises Refused."""
    names = {field.alias or name for name, field in model.model_fields.items()}
    given: dict[str, Any] = {
        name: value for name, value in form.items() if name in names and isinstance(value, str) and value.strip()
    }
    try:
        return model.model_validate(given | dict(more or {}))
    except ValidationError as error:
        raise invalid(from_framework(error.errors())) from None
