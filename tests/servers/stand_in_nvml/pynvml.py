"""Stands in for NVML in tests: GPU 0 alone, which takes 50 joules from one look at its counter to the next."""

from itertools import count

_looks = count()


class NVMLError(Exception):
    pass


def nvmlInit():
    pass


def nvmlDeviceGetHandleByIndex(index):
    if index:
        raise NVMLError("Invalid Argument")
    return index


def nvmlDeviceGetTotalEnergyConsumption(handle):
    return 50_000 * next(_looks)
