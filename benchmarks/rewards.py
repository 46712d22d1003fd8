"""How long the reward takes where many call it at once: `python benchmarks/rewards.py`.

64 threads share 200 easy answers and six expressions that computer algebra does not finish; amid that, eight processes
are forked, each with eight threads that share the 200 easy ones. Prints, as JSON, the seconds that all of it took, and
for each process (this one first) how many answers got another score than they should.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Sequence

from tracemill.rewards import NotJudged, compute_score

Case = tuple[str, str, float | None]
"""Ground truth, response, and its score; None: not judged."""


def truth(answer: str, kind: str) -> str:
    return json.dumps({"answer": answer, "check": {"kind": kind, "spec": {}}})


EASY: list[Case] = [
    *((truth(str(n), "numeric"), f"It is \\boxed{{{n + n % 2}}}.", 1.0 - n % 2) for n in range(150)),
    *((truth(f"{n}\\sqrt{{3}}", "symbolic"), f"\\boxed{{\\sqrt{{{3 * n * n}}}}}", 1.0) for n in range(1, 51)),
]
BOMBS: list[Case] = [
    (truth(gold, "symbolic"), f"\\boxed{{{answer}}}", None)
    for gold, answer in (
        ("5\\sqrt{3}", "9^{9^{9^{9}}}"),
        ("5\\sqrt{3}", "((((9!)!)!)!)!"),
        ("x+1", "(x+y+z)^{100000}"),
        # These three take all the CPU time that there is for one comparison.
        ("\\sin(x)^{30}", "(1-\\cos(x)^2)^{15}"),
        ("\\cos(x)^{30}", "(1-\\sin(x)^2)^{15}"),
        ("(\\sin(x)+\\cos(x))^{60}", "(1+2\\sin(x)\\cos(x))^{30}"),
    )
]


class Scoring:
    """Threads that share cases."""

    def __init__(self, cases: Sequence[Case], threads: int) -> None:
        self._cases = iter(cases)
        self._lock = threading.Lock()
        self._missed = len(cases)
        self._threads = [threading.Thread(target=self._work) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def wrong(self) -> int:
        for thread in self._threads:
            thread.join()
        return self._missed

    def _work(self) -> None:
        while True:
            with self._lock:
                case = next(self._cases, None)
            if case is None:
                return
            gold, response, expected = case
            try:
                score = compute_score("benchmark", response, gold)
            except NotJudged:
                score = None
            with self._lock:
                self._missed -= score == expected


def main() -> None:
    begin = time.monotonic()
    here = Scoring([*EASY[:100], *BOMBS, *EASY[100:]], 64)
    forked = []
    for _ in range(8):
        pid = os.fork()
        if not pid:
            os._exit(min(Scoring(EASY, 8).wrong(), 255))
        forked.append(pid)
    wrong = [here.wrong(), *(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in forked)]
    print(json.dumps({"seconds": round(time.monotonic() - begin, 2), "wrong": wrong}))


if __name__ == "__main__":
    main()
