"""The plan on Apache Spark, for traces beyond one machine."""
