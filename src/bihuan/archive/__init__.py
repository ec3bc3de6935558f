"""The service-quality data archive: fact and dimension tables as partitioned Parquet."""
