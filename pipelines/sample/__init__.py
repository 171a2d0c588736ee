"""A made-up company's export with planted stories, for the demo, the tests and the benchmarks."""

from pipelines.sample.generator import generate
from pipelines.sample.queues import QUEUES
from pipelines.sample.stories import STORIES, Expectation, Story

__all__ = ["QUEUES", "STORIES", "Expectation", "Story", "generate"]
