"""Reading a file of records: any text encoding met in China, CSV, Excel and Parquet, in chunks."""

from bihuan.collect.records.reading.chunks import Chunk, Source, UnreadableFileError
from bihuan.collect.records.reading.source import open_source

__all__ = ["Chunk", "Source", "UnreadableFileError", "open_source"]
