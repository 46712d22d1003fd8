"""The phases of a build, one file each. Each reads Parquet, writes Parquet, and ends with a commit under its key."""
