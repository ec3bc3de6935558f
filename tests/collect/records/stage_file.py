"""A process of its own that reads, checks and stages one file, and tells how much memory that took."""

import json
import resource
import sys
import time
from pathlib import Path

from bihuan.collect.records.mapping import MappingSpec, Transformer
from bihuan.collect.records.mapping.places import PlaceIndex
from bihuan.collect.records.reading import open_source
from bihuan.collect.records.staging import Staging

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
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - began
    print(json.dumps({"read": read, "facts": facts, "megabytes": megabytes, "seconds": seconds}))
