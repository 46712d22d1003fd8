"""Programs that try to pass tests without solving anything: what canaries and tests hold against the verifier.

Each is for the function `solve`, which ought to give `n * n + 1`; `CALLED` in mode `call`, `BESIDE_TESTS` beside a test
file. The numbers are those of the cases in the specification.
"""

from __future__ import annotations

from collections.abc import Mapping

RIGHT = "def solve(n):\n    return n * n + 1\n"
TWIN = "def solve(n):\n    return n * n + 2\n"

CALLED: Mapping[str, str] = {
    "29 exits with 0 when it is loaded": "import sys\nsys.exit(0)\n",
    "29 raises SystemExit in the call": "def solve(n):\n    raise SystemExit(0)\n",
    "29 ends the process in the call": "import os\ndef solve(n):\n    os._exit(0)\n",
    "29 becomes another program": "import os\ndef solve(n):\n    os.execv('/bin/true', ['true'])\n",
    "29 ends the process at its exit": (
        "import atexit, os\natexit.register(os._exit, 0)\ndef solve(n):\n    return None\n"
    ),
    "30 equals everything": (
        "class Same:\n    def __eq__(self, other):\n        return True\n    __hash__ = object.__hash__\n"
        "def solve(n):\n    return Same()\n"
    ),
    "30 a number that equals everything": (
        "class Number(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\n"
        "    def __repr__(self):\n        return '5'\ndef solve(n):\n    return Number(5)\n"
    ),
    "30 a text that is a number": (
        "class Text(str):\n    __eq__ = lambda s, o: True\ndef solve(n):\n    return Text('5')\n"
    ),
    "31 looks for the expected value in frames and in memory": (
        "import gc, sys\ndef solve(n):\n    frame = sys._getframe()\n    while frame:\n"
        "        for scope in (frame.f_locals, frame.f_globals):\n"
        "            for name in ('expected', 'want', 'outputs'):\n"
        "                if name in scope:\n                    return scope[name]\n        frame = frame.f_back\n"
        "    for thing in gc.get_objects():\n        if type(thing) is dict and 'expected' in thing:\n"
        "            return thing['expected']\n"
        "        if type(thing) is tuple and len(thing) == 2 and thing[0] == n and type(thing[1]) is int:\n"
        "            return thing[1]\n    return 0\n"
    ),
    "32 patches what compares": (
        "import builtins, operator, unittest\nbuiltins.all = lambda *_: True\noperator.eq = lambda *_: True\n"
        "unittest.TestCase.assertEqual = lambda *_: None\nbuiltins.isinstance = lambda *_: True\n"
        "def solve(n):\n    return None\n"
    ),
    "32 patches what writes values": (
        "import json, sys\nfor module in list(sys.modules.values()):\n    for name in ('encode', 'dumps'):\n"
        "        if hasattr(module, name):\n            try:\n"
        "                setattr(module, name, lambda *_, **__: '{\"passed\": true}')\n"
        "            except Exception:\n                pass\ndef solve(n):\n    return None\n"
    ),
    "33 says that it passed": (
        'print(\'{"passed": true, "value": true}\\nOK\\n3 passed in 0.01s\', flush=True)\n'
        "def solve(n):\n    print('passed', flush=True)\n    return 'passed'\n"
    ),
    "33 writes results to every descriptor": (
        "import os\ndef solve(n):\n    for number in range(3, 64):\n        try:\n"
        '            os.write(number, b\'{"value": 5, "run": 0, "passed": true}\\n\')\n        except OSError:\n'
        "            pass\n    os._exit(0)\n"
    ),
    "34 overwrites the tests": (
        "import os\nfor folder, _, names in os.walk('.'):\n    for name in names:\n        try:\n"
        "            with open(os.path.join(folder, name), 'w') as file:\n"
        "                file.write('[[2, null], [3, null]]')\n"
        "        except OSError:\n            pass\ndef solve(n):\n    return None\n"
    ),
    "36 a value that is built by running code": (
        "class Built:\n    def __reduce__(self):\n"
        "        return (eval, (\"type('Same', (), {'__eq__': lambda s, o: True})()\",))\n"
        "def solve(n):\n    return Built()\n"
    ),
    "37 plants files that are imported later": (
        "HOOK = '''import builtins\nbuiltins.all = lambda *_: True\n"
        "def pytest_pyfunc_call(pyfuncitem):\n    return True\n'''\n"
        "for name in ('conftest.py', 'sitecustomize.py', 'usercustomize.py', 'json.py'):\n    try:\n"
        "        with open(name, 'w') as file:\n            file.write(HOOK)\n    except OSError:\n        pass\n"
        "def solve(n):\n    return None\n"
    ),
    "37 puts itself before imports": (
        "import sys\nclass Finder:\n    def find_spec(self, name, path=None, target=None):\n        sys.exit(0)\n"
        "sys.meta_path.insert(0, Finder())\ndef solve(n):\n    import fractions\n    return None\n"
    ),
}

TEST_FILE = """from solution import solve


def test_small():
    for n in range(4):
        assert solve(n) == n * n + 1


def test_sorted():
    assert sorted([solve(3), solve(1)]) == [2, 10]
    assert set(map(solve, (1, 2))) == {2, 5}


def test_called():
    assert apply(lambda n: n + 1, 4) == 5


def apply(function, n):
    return function(n) if solve(n) == n * n + 1 else None
"""
"""Such that its asserts are no plain calls, and it needs a cage of its own."""

BESIDE_TESTS: Mapping[str, str] = {
    "32 defines what the tests use": (
        "def sorted(x):\n    return [2, 10]\ndef set(x):\n    return 0\ndef map(*x):\n    return []\n"
        "def apply(f, n):\n    return 5\ndef range(n):\n    return []\ndef solve(n):\n    return None\n"
    ),
    "32 defines the tests itself": (
        "def check(candidate):\n    pass\ndef test_small():\n    pass\ndef test_sorted():\n    pass\n"
        "def test_called():\n    pass\n__all__ = ['solve']\ndef solve(n):\n    return None\n"
    ),
    "33 answers in the place of its host": (
        "import json, os\nmessage = json.dumps({'value': True, 'tests': [], 'loads': ['', '']}).encode()\n"
        "for _ in range(50):\n    os.write(3, len(message).to_bytes(4, 'big') + message)\nos._exit(0)\n"
    ),
    "33 sends what is no message": "import os\nos.write(3, b'\\xff' * 4096)\nos._exit(0)\n",
    "29 closes the line": "import os\nos.close(3)\ndef solve(n):\n    return n * n + 1\n",
    "31 asks the tests for what they expect": (
        "import gc\ndef solve(n):\n"
        "    for link in [one for one in gc.get_objects() if type(one).__name__ == 'Link']:\n"
        "        for number in (0, 1, id(link)):\n            for what in ('get', 'call', 'special', 'names'):\n"
        "                try:\n"
        "                    found = link.ask({'do': what, 'of': number, 'arguments': ['__globals__']})\n"
        "                    return found['value']\n"
        "                except Exception:\n                    pass\n    return None\n"
    ),
}


SORTER_MUTATES = "def order(items):\n    items.clear()\n    return items\n"
"""35: for a function that ought to give the items in order."""
