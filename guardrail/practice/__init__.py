"""Practice sites: local stand-ins under the real host names, for training and for the browser tests."""

from guardrail.practice.app import HOSTS, build

__all__ = ["HOSTS", "build"]
