"""Problems: YAML files read strictly into frozen dataclasses, every error with its position."""

from adambench.problem.bundled import bundled_problems, bundled_suites, load, load_all, read_text
from adambench.problem.finding import Finding, ProblemError
from adambench.problem.problem import Noise, Problem, Requirement, Schedule, Start, Target
from adambench.problem.reader import read, read_all

__all__ = [
    "Finding",
    "Noise",
    "Problem",
    "ProblemError",
    "Requirement",
    "Schedule",
    "Start",
    "Target",
    "bundled_problems",
    "bundled_suites",
    "load",
    "load_all",
    "read",
    "read_all",
    "read_text",
]
