"""Measures ONNX Runtime on an ONNX export: raw strings in, mean-pooled vectors of length one out.

Tries one session of all threads and as many sessions of one thread each, at every batch size, on a
sample; the fastest is then run --runs times. Prints one JSON object on stdout, and what it tries on
stderr. On a CPU the runtime multiplies in float32 or, once its own tool has quantized the weights
dynamically, in eight bits.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic

import measuring
import onnx_texts


def _session(onnx: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])


def _quantized(onnx: Path) -> Path:
    """The export with int8 weights, made as sentence-transformers' own export for AVX512-VNNI does."""
    file = onnx_texts.TARGET / "onnx" / f"{onnx.stem}-int8.onnx"
    if not file.is_file() or file.stat().st_mtime < onnx.stat().st_mtime:
        file.parent.mkdir(parents=True, exist_ok=True)
        quantize_dynamic(onnx, file, weight_type=QuantType.QInt8)
    return file


def runners(onnx: Path, precision: str, threads: int) -> dict[str, onnx_texts.Runner]:
    if precision == measuring.EIGHT_BITS:
        onnx = _quantized(onnx)

    def runner(sessions: int, threads_each: int) -> onnx_texts.Runner:
        idle: SimpleQueue[onnxruntime.InferenceSession] = SimpleQueue()
        for _ in range(sessions):
            idle.put(_session(onnx, threads_each))

        def answer(feeds: onnx_texts.Feeds) -> np.ndarray:
            session = idle.get()
            try:
                hidden = session.run(None, feeds)[0]
            finally:
                idle.put(session)
            return onnx_texts.pooled(hidden, feeds["attention_mask"])

        each = map if sessions == 1 else ThreadPoolExecutor(sessions).map
        return lambda batches: each(answer, batches)

    return {"threads": runner(1, threads), "sessions": runner(threads, 1)}


if __name__ == "__main__":
    sys.exit(measuring.run(lambda: onnx_texts.main("onnxruntime", ["float32", measuring.EIGHT_BITS], runners)))
