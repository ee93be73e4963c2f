"""Measures OpenVINO on an ONNX export: raw strings in, mean-pooled vectors of length one out.

Tries as many streams of one thread as there are threads (its best for many texts) and one stream of
all of them, each at every batch size, on a sample; the fastest is then run --runs times. Prints one
JSON object on stdout, and what it tries on stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import openvino

import measuring
import onnx_texts

HINTS = {"float32": "f32", "bfloat16": "bf16"}


def runners(onnx: Path, precision: str, threads: int) -> dict[str, onnx_texts.Runner]:
    core = openvino.Core()
    model = core.read_model(onnx)

    def runner(streams: int) -> onnx_texts.Runner:
        compiled = core.compile_model(
            model,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": HINTS[precision],
                "NUM_STREAMS": streams,
                "INFERENCE_NUM_THREADS": threads,
                "PERFORMANCE_HINT": "THROUGHPUT" if streams > 1 else "LATENCY",
            },
        )
        # Twice as many requests as streams: one waits while another is answered.
        queue = openvino.AsyncInferQueue(compiled, 2 * streams)
        return lambda batches: _answers(queue, batches)

    return {name: runner(streams) for name, streams in {"streams": threads, "threads": 1}.items()}


def _answers(queue: openvino.AsyncInferQueue, batches: list[onnx_texts.Feeds]) -> Iterable[np.ndarray]:
    found: dict[int, np.ndarray] = {}

    def finished(request: openvino.InferRequest, number: int) -> None:
        # The tensor is the request's own and is written again by its next batch.
        found[number] = onnx_texts.pooled(request.get_output_tensor(0).data, batches[number]["attention_mask"])

    queue.set_callback(finished)
    for number, feeds in enumerate(batches):
        queue.start_async(feeds, number)
    queue.wait_all()
    return [found[number] for number in range(len(batches))]


if __name__ == "__main__":
    sys.exit(measuring.run(lambda: onnx_texts.main("openvino", list(HINTS), runners)))
