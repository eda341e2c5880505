"""A number in an address that no key can be was a fault of the server (500), not a 404."""

from __future__ import annotations

from pathlib import Path

import pytest
from review_building import quay_case, reviewing


# Python turns no text of more than 4,300 digits into a number.
@pytest.mark.parametrize("digits", [19, 20, 5000])
def test_no_address_takes_a_number_that_is_too_long(tmp_path: Path, digits: int) -> None:
    long = "9" * digits
    with reviewing(quay_case(tmp_path)) as ann:
        routes = [
            route for route in ann.client.app._app.routes  # type: ignore[attr-defined]
            if ":key}" in route.path
        ]  # fmt: skip
        assert len(routes) > 7
        for route in routes:
            path = route.path.replace("{message:key}", long).replace("{key:key}", long)
            path = path.replace("{number:key}", long)
            answer = ann.get(path) if "GET" in route.methods else ann.post(path, verdict="flag")
            assert answer.status_code == 404, path
        assert ann.get(f"/m/3/file/{long}").status_code == 404


@pytest.mark.parametrize("size", ["000001000" + "9" * 15, "9" * 30, "0"])
def test_a_sample_is_as_large_as_it_says(tmp_path: Path, size: str) -> None:
    with reviewing(quay_case(tmp_path)) as ann:
        assert ann.post("/second", size=size).status_code == 400
