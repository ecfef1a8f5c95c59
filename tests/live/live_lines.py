# SPDX-License-Identifier: GPL-3.0-or-later
"""The status line alone tells whoever is on call which phase broke, why, and where to look next."""

from faults import FAULTS
from world import told


def _line_tells(fault):
    def test(w):
        with fault.make(w) as arguments:
            run = w.run(*arguments)
        with told(run):
            fault.check(run)
    test.__module__ = __name__
    return test


def a_fault_that_is_described_is_told(w):
    """The table is the test; here only that nobody emptied it."""
    assert len(FAULTS) >= 30, len(FAULTS)
    assert len({fault.phase for fault in FAULTS}) >= 8


globals().update({fault.make.__name__: _line_tells(fault) for fault in FAULTS})
