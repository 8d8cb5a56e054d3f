"""What of Spark is reached past PySpark: rows of the driver as frames, and plans as frames."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PART = 50_000
"""Rows of one part."""


class _Java:
    """Classes of Spark's process. To find one by its name is to look for it, and for each part of
    its name, in some hundred archives."""

    def __init__(self, gateway: Any) -> None:
        sql = gateway.jvm.org.apache.spark.sql
        self.serde = gateway.jvm.org.apache.spark.api.python.SerDeUtil
        self.struct = sql.types.StructType
        self.dataset = sql.classic.Dataset
        self.logical = getattr(getattr(sql.execution, "LogicalRDD$"), "MODULE$")
        self.from_dataset = "fromDataset$default$4" in dir(self.logical)


@lru_cache(maxsize=1)
def _java(gateway: Any) -> _Java:
    return _Java(gateway)


def frame_of(spark: SparkSession, rows: Iterable[tuple[Any, ...]], schema: str) -> DataFrame:
    """Rows as a frame with columns as in `name INT, other STRING`; values as PySpark takes them.

    `createDataFrame` hands each row through a Python process beside each executor, to no end, and
    checks it, as `schema` says already; neither is needed, nor is Python on the executors."""
    from pyspark.sql import DataFrame

    listed = list(rows)
    context = spark.sparkContext
    java = _java(context._gateway)
    given: Any = context.parallelize(listed, max(1, len(listed) // _PART))
    made = java.serde.toJavaArray(java.serde.pythonToJava(given._jrdd, True))
    struct = java.struct.fromDDL(schema)
    return DataFrame(spark._jsparkSession.applySchemaToPythonRDD(made.rdd(), struct.json()), spark)


def frame_of_plan(spark: Any, plan: Any) -> DataFrame:
    """What a plan of Spark makes."""
    from pyspark.sql import DataFrame

    made = _java(spark.sparkContext._gateway).dataset.ofRows(spark._jsparkSession, plan)
    return DataFrame(made, spark)


def of_each_part(spark: Any, frame: DataFrame, most: int) -> DataFrame:
    """At most so many rows of each part of a frame, which stay where they are."""
    # Of the two halves of a limit the one for each part, which brings nothing together.
    return frame_of_plan(spark, frame.limit(most)._jdf.queryExecution().analyzed().child())


def as_held(spark: Any, held: Any) -> DataFrame:
    """A frame that reads what is held, and knows no more of how it came about. Read by its
    definition, a table would be the whole tree of what it is made of, which doubles wherever a
    table is read twice; and Spark goes through that tree several times for each statement."""
    java = _java(spark.sparkContext._gateway)
    given = [held._jdf.queryExecution().toRdd(), held._jdf, False]
    if java.from_dataset:  # later versions ask one thing more
        given.append(getattr(java.logical, "fromDataset$default$4")())
    return frame_of_plan(spark, java.logical.fromDataset(*given))
