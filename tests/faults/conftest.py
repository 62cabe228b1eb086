"""The faults are planted into the same proxy and site as tests/proxy uses."""

from tests.proxy.conftest import make_rig, served

__all__ = ["make_rig", "served"]
