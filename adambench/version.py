"""The version, on its own: what reads it should import nothing else."""

VERSION = "0.1.0"
