"""Reports read back from files: what others may have written, truncated or made up."""

from adambench.saved.report import read_report

__all__ = ["read_report"]
