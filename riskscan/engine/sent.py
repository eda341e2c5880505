"""A model folder on its way to the workers of a cluster: sent once, kept under its hash."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from distributed import Worker, WorkerPlugin

from riskscan.engine.models import files_of, fingerprint
from riskscan.engine.worker import models_of


class SentModel(WorkerPlugin):
    """Writes the model's files on every worker, also on one that joins later."""

    idempotent = True

    def __init__(self, folder: Path) -> None:
        self.sha256 = fingerprint(folder)
        self.name = f"riskscan-model-{self.sha256}"
        self._files = {f.relative_to(folder).as_posix(): f.read_bytes() for f in files_of(folder)}

    def setup(self, worker: Worker) -> None:
        """Write the files, all or none."""
        models = models_of(worker)
        models.mkdir(parents=True, exist_ok=True)
        target = models / self.sha256
        if target.exists():
            return
        with tempfile.TemporaryDirectory(dir=models) as made:
            folder = Path(made) / self.sha256
            for name, data in self._files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
            os.rename(folder, target)  # noqa: PTH104 (fails where another was quicker)
