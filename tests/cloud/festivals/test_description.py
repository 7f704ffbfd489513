"""What an organiser's programmer reads: every field says what it is, in which unit."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from cloud.api.openapi import describe
from cloud.festivals.areas import AREAS

PARTS = {"items", "next", "exposure", "wallets", "hashes", "authority", "totals"}
"""What a list or a figure is made of says it for itself."""
DOCUMENT = describe([one for area in AREAS for one in area.operations], "Guichet", "1")

pytestmark = pytest.mark.one_engine  # nothing is stored


def test_the_description_of_festivals_is_sound() -> None:
    validate(DOCUMENT)


def test_every_field_says_what_it_is() -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, shape in schema.get("properties", {}).items()
        if field not in PARTS and name != "Problem" and not says(shape)
    ]
    assert silent == []


def says(shape: dict[str, Any]) -> bool:
    return bool(shape.get("description")) or "$ref" in shape or _is_list_of_described(shape)


def _is_list_of_described(shape: dict[str, Any]) -> bool:
    return "$ref" in shape.get("items", {})


def test_every_amount_says_its_unit() -> None:
    words = ("minor unit", "cents")
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, shape in schema.get("properties", {}).items():
            if field.endswith("_minor") or field in {"price", "deposit", "worth"}:
                text = str(shape.get("description", "")).lower()
                assert any(word in text for word in words), f"{name}.{field}: {text}"
