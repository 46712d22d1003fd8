"""The server. What it does wrong stands in the environment:

STAND_IN_LOG      a file that gets `PID helper PID` and `PID arguments {…}` at the start, and lines for each request:
                  `PID [QUESTION, SEED]` when it comes, `PID done` when it has been answered
STAND_IN_SECONDS  how long a reply takes, in ten pieces
STAND_IN_TEMPLATE `none`, `drops` (the thoughts of earlier turns) or `keeps`
STAND_IN_STUCK    a file: while it exists, replies stand still
STAND_IN_FAILS    a file: while it exists, the server ends before it serves
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from aiohttp import web

from vllm.entrypoints.cli.serve import cmd_init

TEXT = "I add the numbers, one after the other. The answer is 42."


def main():
    parser = argparse.ArgumentParser()
    cmd_init()[0].subparser_init(parser.add_subparsers())
    arguments = parser.parse_args()
    if _exists("STAND_IN_FAILS"):
        print("RuntimeError: the engine could not be started")
        sys.exit(1)
    # In a session of its own, as an engine's processes may be.
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    _log(f"helper {helper.pid}")
    _log(f"arguments {json.dumps(vars(arguments))}")
    if arguments.headless:
        helper.wait()
    asyncio.run(Server(arguments).serve())


class Server:
    def __init__(self, arguments):
        self.arguments = arguments
        self.running = 0
        self.made = 0
        self.asked = []

    async def serve(self):
        app = web.Application()
        app.router.add_get("/health", lambda request: web.Response())
        app.router.add_get("/metrics", self.metrics)
        app.router.add_get("/v1/models", self.models)
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_post("/tokenize", self.tokenize)
        app.router.add_post("/detokenize", self.detokenize)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, self.arguments.host, self.arguments.port).start()
        await asyncio.Event().wait()

    def names(self):
        return [self.arguments.served_model_name, *(one.partition("=")[0] for one in self.arguments.lora_modules or ())]

    async def models(self, request):
        data = [{"id": name, "max_model_len": self.arguments.max_model_len} for name in self.names()]
        return web.json_response({"object": "list", "data": data})

    async def metrics(self, request):
        text = f'vllm:num_requests_running{{engine="0"}} {self.running}\nvllm:generation_tokens_total {self.made}\n'
        return web.Response(text=text)

    async def tokenize(self, request):
        if os.environ.get("STAND_IN_TEMPLATE") == "none":
            text = "As of transformers v4.44, default chat template is no longer allowed"
            return web.json_response({"error": {"message": text}}, status=400)
        self.asked = (await request.json())["messages"]
        return web.json_response({"tokens": [1, 2, 3]})

    async def detokenize(self, request):
        drops = os.environ.get("STAND_IN_TEMPLATE") == "drops"
        shown = [{name: text for name, text in one.items() if not drops or name == "content"} for one in self.asked]
        return web.json_response({"prompt": json.dumps(shown)})

    async def chat(self, request):
        if request.headers.get("Authorization") != f"Bearer {os.environ['VLLM_API_KEY']}":
            return web.json_response({"error": "Unauthorized"}, status=401)
        body = await request.json()
        if body["model"] not in self.names():
            return web.json_response({"error": {"message": f"no model {body['model']}"}}, status=404)
        _log(json.dumps([body["messages"][-1]["content"], body.get("seed")]))
        self.running += 1
        try:
            response = await self.answer(request, body)
            _log("done")
            return response
        finally:
            self.running -= 1

    async def answer(self, request, body):
        seconds = float(os.environ.get("STAND_IN_SECONDS", "0"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        if body.get("stream"):
            await response.prepare(request)
        size = len(TEXT) // 10 + 1
        for start in range(0, len(TEXT), size):
            await asyncio.sleep(seconds / 10)
            while _exists("STAND_IN_STUCK"):
                await asyncio.sleep(0.05)
            self.made += 1
            if body.get("stream"):
                delta = {"index": 0, "delta": {"content": TEXT[start : start + size]}, "finish_reason": None}
                await response.write(_event(body, choices=[delta]))
        usage = {"prompt_tokens": 9, "completion_tokens": 10, "total_tokens": 19}
        if not body.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
            return web.json_response({"model": body["model"], "choices": [choice], "usage": usage})
        await response.write(_event(body, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        await response.write(_event(body, choices=[], usage=usage))
        await response.write(b"data: [DONE]\n\n")
        return response


def _event(body, **more):
    return b"data: " + json.dumps({"model": body["model"], **more}).encode() + b"\n\n"


def _exists(name):
    return name in os.environ and Path(os.environ[name]).exists()


def _log(line):
    if "STAND_IN_LOG" in os.environ:
        with Path(os.environ["STAND_IN_LOG"]).open("a") as file:
            file.write(f"{os.getpid()} {line}\n")
