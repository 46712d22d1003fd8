"""The report: one page that shows a build, written beside its manifest and at any time by `tracemill report`."""
