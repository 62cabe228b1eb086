"""For `mitmdump -s addons/guardrail_addon.py`: so short because a bad save of it unloads this file, and only it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # a checkout need not be installed


def load(loader):  # noqa: ANN001, ANN201, D103 - mitmproxy's own interface
    from guardrail import wiring  # noqa: PLC0415 - found by the line above

    wiring.install(loader.master)
