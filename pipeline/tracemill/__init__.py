"""tracemill: verified reasoning datasets. The parts are imported by name; this file imports nothing."""

__version__ = "0.1.0"
