"""A made-up company's export with planted stories, for the demo, the tests and the benchmarks."""

from pipelines.sample.generator import generate
from pipelines.sample.stories import STORIES, Expectation, Story

__all__ = ["STORIES", "Expectation", "Story", "generate"]
