"""Makes small Parquet files with lists, as pyarrow writes them for data sets on hubs."""

from __future__ import annotations

import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

import generate_goldens

OUTPUT = generate_goldens.HERE.parents[1] / "training" / "src" / "test" / "resources" / "rows"


def main() -> int:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    lists = pa.table(
        {
            "query": pa.array(["q", "größer", "r"]),
            "docs": pa.array([["a", "b"], ["c", "d", "e"], ["f"]], pa.list_(pa.string())),
            "labels": pa.array([[1, 0], [0, 2, 1], [1]], pa.list_(pa.int64())),
        }
    )
    pq.write_table(lists, OUTPUT / "lists.parquet", row_group_size=2)
    # the names and pages that other versions write, lists of a length that is the type's
    others = pa.table(
        {
            "query": pa.array(["q", "r"], pa.large_string()),
            "docs": pa.array([["a", "b"], ["c", "d"]], pa.large_list(pa.large_string())),
            "scores": pa.array([[0.5, -1.25], [3.0, 1e-3]], pa.list_(pa.float32(), 2)),
        }
    )
    pq.write_table(
        others,
        OUTPUT / "items.parquet",
        use_compliant_nested_type=False,
        compression="zstd",
        data_page_version="2.0",
    )
    for name, docs in {"empty": [], "null": None, "element": ["b", None]}.items():
        gap = pa.table({"query": pa.array(["q", "r"]), "docs": pa.array([["a"], docs], pa.list_(pa.string()))})
        pq.write_table(gap, OUTPUT / f"gap-{name}.parquet")
    pairs = pa.table({"sentence1": pa.array(["a"]), "sentence2": pa.array(["b"]), "score": pa.array([2.5])})
    for codec in ("none", "gzip", "zstd", "brotli", "lz4"):  # snappy is the default
        pq.write_table(pairs, OUTPUT / f"{codec}.parquet", compression=codec)
    nested = pa.table(
        {
            "sentence1": pa.array(["a"]),
            "sentence2": pa.array(["b"]),
            "score": pa.array([2.5]),
            "source": pa.array([{"url": "u", "page": 1}]),
            "passages": pa.array([[["c"], ["d"]]], pa.list_(pa.list_(pa.string()))),
            "docs": pa.array([["e"]], pa.list_(pa.string())),
        }
    )
    pq.write_table(nested, OUTPUT / "nested.parquet")
    # integers that mean other numbers: decimals of few digits, as DuckDB writes them, and unsigned ones
    halves = [Decimal("0.5"), Decimal("-1.25")]
    logical = pa.table(
        {
            "sentence1": pa.array(["a", "c"]),
            "sentence2": pa.array(["b", "d"]),
            "decimal32": pa.array(halves, pa.decimal128(9, 4)),
            "decimal64": pa.array(halves, pa.decimal128(18, 4)),
            "decimal128": pa.array(halves, pa.decimal128(38, 4)),
            "uint32": pa.array([2**32 - 1, 1], pa.uint32()),
            "uint64": pa.array([2**64 - 1, 1], pa.uint64()),
        }
    )
    pq.write_table(logical, OUTPUT / "logical.parquet", store_decimal_as_integer=True)
    decimals = pa.table(
        {
            "query": pa.array(["q"]),
            "docs": pa.array([["a", "b"]], pa.list_(pa.string())),
            "labels": pa.array([halves], pa.list_(pa.decimal128(9, 4))),
        }
    )
    pq.write_table(decimals, OUTPUT / "decimal-lists.parquet", store_decimal_as_integer=True)
    # a codec that is not read, of a column that may not be asked for
    pq.write_table(
        pairs.append_column("page", pa.array([1])),
        OUTPUT / "codecs.parquet",
        compression={"sentence1": "zstd", "sentence2": "gzip", "score": "snappy", "page": "brotli"},
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
