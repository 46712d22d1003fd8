"""How to cite the dataset."""

from __future__ import annotations

import re

from tracemill.publishing.figure import Figure, ManifestContent


def card(manifest: ManifestContent) -> str:
    """BibTeX without a year and without authors: a build knows neither."""
    name = re.sub(r"[^A-Za-z0-9-]+", "-", manifest["name"])
    made = f"built with tracemill {manifest['versions']['tracemill']}, seed {manifest['seed']}"
    entry = f"@misc{{{name},\n  title = {{{manifest['name']}}},\n  note = {{A verified reasoning dataset, {made}}}\n}}"
    return f"```bibtex\n{entry}\n```\n\nCite the sources above as their authors ask."


FIGURE = Figure(lambda _build: {}, ("name", "seed", "versions"), "Citation", card, in_report=False)
