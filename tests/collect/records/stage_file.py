"""A process of its own that reads, checks and stages one file, and tells how much memory that took."""

import json
import sys
import time
from pathlib import Path

from bihuan.collect.records.mapping import MappingSpec, Transformer
from bihuan.collect.records.mapping.places import PlaceIndex
from bihuan.collect.records.reading import open_source
from bihuan.collect.records.staging import Staging


def peak_megabytes() -> float:
    """The most this process held. The kernel's ru_maxrss would count what the parent held before exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    path, mapping, folder = sys.argv[1:]
    began = time.perf_counter()
    source = open_source(path)
    work = Transformer(MappingSpec.load(Path(mapping)), source.columns, PlaceIndex())
    read = facts = 0
    with Staging(Path(folder) / "work", Path(folder)) as staging:
        for chunk in source.chunks():
            outcome = work.apply(chunk)
            staging.add(outcome)
            read += outcome.read
            facts += len(outcome.facts)
    megabytes = peak_megabytes()
    seconds = time.perf_counter() - began
    print(json.dumps({"read": read, "facts": facts, "megabytes": megabytes, "seconds": seconds}))
