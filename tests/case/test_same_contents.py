"""A case is the same wherever it is: row for row."""

from __future__ import annotations

from pathlib import Path

from postgresql_server import Server
from scan_building import contents

from riskscan.scanning import run_scan


def test_a_scan_into_postgresql_gives_the_rows_of_one_into_a_folder(
    samples: Path, tmp_path: Path, postgresql: Server
) -> None:
    names = ("marcy.delgado.mbox", "vault", "nordlys-forsikring teams.json")
    exports = [samples / name for name in names]
    place = postgresql.place()
    for case in (tmp_path / "case", place):
        run_scan(exports, case, entities="flagged")
    made = contents(place)
    assert made == contents(tmp_path / "case")
    # What the samples are there for: rows of (nearly) all tables that a scan writes.
    assert {"claims", "merged", "appearances", "findings", "entities"} <= {
        k for k in made if made[k]
    }
