"""The arguments that this one knows."""

from __future__ import annotations

from argparse import BooleanOptionalAction


class ServeSubcommand:
    def subparser_init(self, subparsers):
        parser = subparsers.add_parser("serve")
        parser.add_argument("model_tag")
        for name in ("host", "served-model-name", "tool-call-parser", "reasoning-parser", "dtype", "master-addr"):
            parser.add_argument(f"--{name}")
        numbers = ("port", "tensor-parallel-size", "data-parallel-size", "nnodes", "node-rank", "master-port")
        for name in (*numbers, "data-parallel-rpc-port", "max-num-seqs"):
            parser.add_argument(f"--{name}", type=int)
        parser.add_argument("--max-model-len", type=int, default=4096)
        parser.add_argument("--lora-modules", nargs="+")
        for name in ("enable-prefix-caching", "enforce-eager", "trust-remote-code", "enable-lora", "headless"):
            parser.add_argument(f"--{name}", action=BooleanOptionalAction)
        return parser


def cmd_init():
    return [ServeSubcommand()]
