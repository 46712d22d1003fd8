"""What makes an interpreter give the same in every child, ours and the cage's. Standard library only."""

from __future__ import annotations

SAME_EVERYWHERE = {
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    # Thread pools reserve a stack and address space for every core.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # The whole numbers of sympy are Python's own, whatever faster ones are installed: their reprs are seen.
    "SYMPY_GROUND_TYPES": "python",
}
