"""The versions, of the package and of its reports, on their own: what reads them should import nothing else."""

VERSION = "0.1.0"
REPORT = "adambench/report/1"
"""What a report says under `schema`."""
