"""What is read: files that Spark can reach, a table, or a frame, each as rows with a place."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from tosrules.engines.spark import emit
from tosrules.engines.spark.leaves import Leaf, Unreadable, leaves
from tosrules.quoting import quoted
from tosrules.trace.inputs import STDIN, InputFile, resolve
from tosrules.trace.problems import TraceError, TraceProblem
from tosrules.trace.trace import Note

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from tosrules.engines.spark.session import Session

TABLE = "table:"
"""How a table is named among inputs: `table:events`, `table:lake.app.events`."""
HEAD = ("id", "time", "type")
PLACE = ("tos_file", "tos_place")
"""Columns of every source beside its own: the place of the file among the files by their names,
and that of the row in its file."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|file:/")
_LINES = re.compile(r"\.(?:jsonl|ndjson)(?:[.-]\d+)?(?:\.(?:gz|zst|bz2|snappy|lz4))?$", re.I)


class File:
    """One file of a source."""

    def __init__(self, name: str, uri: str, local: str | None, mark: tuple[int, ...] = ()) -> None:
        self.name = name
        """For people and for the order."""
        self.uri = uri
        """As Spark opens it."""
        self.local = local
        """Its path on this machine; None: it lies elsewhere."""
        self.mark = mark
        """Its size, and when it was changed last."""


class Source:
    """Rows to read events from."""

    def __init__(
        self,
        form: str,
        frame: DataFrame,
        files: Sequence[File],
        notes: Sequence[Note] = (),
        ordered: bool = True,
    ) -> None:
        self.form = form
        """`parquet`, `jsonl` or `table`."""
        self.frame = frame
        self.files = list(files)
        self.notes = list(notes)
        self.ordered = ordered
        """Rows have places; else only their ids tell the order of rows that share an instant."""


# ---- files -----------------------------------------------------------------------------------


def is_remote(path: str) -> bool:
    """Whether a path is one that Spark's file systems open, not this machine's."""
    return _SCHEME.match(path) is not None and not path.startswith("file:")


def located(session: Session, inputs: Sequence[str]) -> tuple[list[File], list[Note]]:
    """The files that `inputs` name, by code points of their names. Raises TraceError."""
    near = [_plain(path) for path in inputs if not is_remote(path)]
    far = [path for path in inputs if is_remote(path)]
    found = resolve(near) if near else None
    if found is not None and found.problems:
        raise TraceError(found.problems)
    files: list[File] = []
    notes: list[Note] = []
    if found is not None:
        files += [_near(file) for file in found.files]
        notes += found.notes
    if far:
        uris = {uri: mark for path in far for uri, mark in _globbed(session, path).items()}
        common = _common(list(uris))
        files += [File(uri[len(common) :], uri, None, uris[uri]) for uri in sorted(uris)]
    files.sort(key=lambda file: file.name)
    return files, notes


def _plain(path: str) -> str:
    return urlparse(path).path if path.startswith("file:/") else path


def _near(file: InputFile) -> File:
    if file.path == STDIN:
        return File(STDIN, STDIN, STDIN)
    try:
        about = os.stat(file.path)
        mark: tuple[int, ...] = (about.st_size, about.st_mtime_ns, about.st_ino)
    except OSError:
        mark = ()  # whoever opens it says why
    return File(file.name, f"file://{os.path.abspath(file.path)}", file.path, mark)


def opened(files: Sequence[File]) -> list[str]:
    """The paths as Spark's readers take them, which read globs in them."""
    return [re.sub(r"([*?\[\]{}\\])", r"\\\1", file.uri) for file in files]


def _common(uris: Sequence[str]) -> str:
    """The folder that all lie in."""
    folders = [uri.rpartition("/")[0] + "/" for uri in uris]
    first, last = min(folders), max(folders)
    size = next((n for n, c in enumerate(first) if last[n : n + 1] != c), len(first))
    return first[:size].rpartition("/")[0] + "/"


def changed(session: Session, inputs: Sequence[str], files: Sequence[File]) -> File | None:
    """The first of `files`, which `inputs` named before, that is not what it was then."""
    try:
        now = {file.uri: file.mark for file in located(session, inputs)[0]}
    except (TraceError, OSError):
        return files[0]
    return next((file for file in files if now.get(file.uri) != file.mark), None)


def _globbed(session: Session, path: str) -> dict[str, tuple[int, ...]]:
    """The files below a path of Spark's file systems, those that begin with `_` or `.` left out,
    with their marks. Raises TraceError."""
    from py4j.protocol import Py4JJavaError

    jvm: Any = session.spark._jvm
    conf = session.spark._jsparkSession.sessionState().newHadoopConf()
    try:
        place = jvm.org.apache.hadoop.fs.Path(path)
        system = place.getFileSystem(conf)
        matched = system.globStatus(place)
        found: dict[str, tuple[int, ...]] = {}

        def take(status: Any) -> None:
            mark = (status.getLen(), status.getModificationTime())
            found[status.getPath().toString()] = mark

        for status in matched or []:
            if not status.isDirectory():
                if passed_over(status.getPath().getName()):
                    raise TraceError([_left_out(status.getPath().toString())])
                take(status)
                continue
            below = system.listFiles(status.getPath(), True)
            while below.hasNext():
                each = below.next()
                parts = each.getPath().toString()[len(status.getPath().toString()) :].split("/")
                if not any(map(passed_over, parts)):
                    take(each)
    except Py4JJavaError as error:
        raise TraceError([_unreachable(path, str(error.java_exception))]) from None
    if not found:
        raise TraceError(
            [TraceProblem("trace-no-file", "no such file, and nothing below it", "", path)]
        )
    return found


def passed_over(name: str) -> bool:
    """Whether Spark leaves out a file for its name alone, even where it is asked for it."""
    base = name.rpartition("/")[2]
    return base.startswith(("_", ".")) or base.endswith("._COPYING_")


def _left_out(path: str) -> TraceProblem:
    return TraceProblem(
        "trace-unreadable",
        "Spark leaves out files whose names begin with `_` or `.`",
        "give it another name",
        path,
    )


def _unreachable(path: str, why: str) -> TraceProblem:
    first = why.splitlines()[0] if why else ""
    if "No FileSystem for scheme" in why or "ClassNotFoundException" in why:
        scheme = path.partition("://")[0]
        return TraceProblem(
            "trace-no-file",
            f"this Spark cannot open {quoted(scheme + '://')}",
            "give it the library: --spark-conf spark.jars.packages=…, such as "
            "org.apache.hadoop:hadoop-aws for s3a://",
            path,
        )
    return TraceProblem(
        "trace-no-file", f"it cannot be read: {quoted(first, 200)}", "check the path", path
    )


def format_of(file: File, said: str | None) -> str:
    """The format of a file: what was said, else by its name, else empty."""
    if said:
        return said
    if file.name.lower().endswith(".parquet"):
        return "parquet"
    return "jsonl" if _LINES.search(file.name) else ""


def ordinals(files: Sequence[File], paths: Sequence[str]) -> str:
    """SQL of a file's place among the files, from the path that Spark says of a row. `paths`:
    those that it says."""
    places = {_one_spelling(file.uri): n for n, file in enumerate(files)}
    known = [(path, places[_one_spelling(unquote(path))]) for path in paths]
    if len(known) <= 1:
        return str(known[0][1]) if known else "0"
    pairs = ", ".join(f"{emit.text(path)}, {n}" for path, n in known)
    return f"element_at(map({pairs}), _metadata.file_path)"


def _one_spelling(uri: str) -> str:
    """Spark's readers write `file:/` with one slash or three."""
    return re.sub(r"\Afile:/*", "/", uri)


def parquet(session: Session, files: Sequence[File], naive: Set[str] = frozenset()) -> Source:
    """Rows of Parquet files; `naive`: columns of instants that are times without an offset.
    Raises Unreadable."""
    reader = session.spark.read.option("mergeSchema", str(len(files) > 1).lower())
    frame = reader.parquet(*opened(files))
    clash = [name for name in (*PLACE, "_metadata") if name in frame.columns]
    if clash:
        raise Unreadable(f"a column is called `{clash[0]}`, which has a meaning of its own")
    number = "0"
    if len(files) > 1:
        paths = [r[0] for r in frame.selectExpr("_metadata.file_path").distinct().collect()]
        number = ordinals(files, paths)
    own = ["*"] if not naive else [_taken(column, naive) for column in frame.columns]
    placed = frame.selectExpr(
        *own,
        f"CAST({number} AS INT) AS {PLACE[0]}",
        f"_metadata.row_index AS {PLACE[1]}",
    )
    return Source("parquet", placed, files)


def _taken(column: str, naive: Set[str]) -> str:
    name = emit.quoted(column)
    return f"CAST({name} AS TIMESTAMP_NTZ) AS {name}" if column in naive else name


# ---- tables and frames -----------------------------------------------------------------------


def table(session: Session, name: str) -> DataFrame:
    """A table of the catalogue. Raises TraceError."""
    from pyspark.errors import AnalysisException, ParseException

    try:
        return session.spark.table(name)
    except (AnalysisException, ParseException):
        raise TraceError(
            [
                TraceProblem(
                    "trace-no-file",
                    f"there is no table {quoted(name, 200)}",
                    "check its name, and that the session has the catalogue that it is in, such as "
                    "by --spark-conf spark.sql.catalogImplementation=hive",
                    f"{TABLE}{name}",
                )
            ]
        ) from None


def framed(frame: DataFrame, name: str, mapping: Mapping[str, str]) -> Source:
    """Rows of a table or frame, its columns named as attributes by `mapping`: attribute → a
    column or an expression of Spark SQL; `sequence` orders rows of one instant; `*` names a
    structure whose fields are attributes. Columns that it does not name keep their names.

    Raises TraceError where the columns are not there.
    """
    from pyspark.errors import AnalysisException

    given = dict(mapping)
    spread = given.pop("*", None)
    taken = {text for text in given.values() if text in frame.columns}
    if spread is not None:
        taken.add(spread)
    chosen = {n: emit.quoted(n) for n in frame.columns if n not in taken and n not in given}
    for attribute, text in given.items():
        chosen[attribute] = emit.quoted(text) if text in frame.columns else text
    missing = [head for head in HEAD if head not in chosen]
    if missing:
        raise TraceError([_no_columns(missing, frame.columns, name)])
    sequence = chosen.pop("sequence", None)
    try:
        made = frame.selectExpr(
            *(f"{sql} AS {emit.quoted(attribute)}" for attribute, sql in chosen.items()),
            *([f"{emit.quoted(spread)}.*"] if spread is not None else ()),
            f"0 AS {PLACE[0]}",
            f"CAST({sequence or '0'} AS BIGINT) AS {PLACE[1]}",
        )
    except AnalysisException as error:
        raise TraceError([_bad_mapping(str(error), name)]) from None
    return Source("table", made, [File(name, "", None)], ordered=sequence is not None)


def _no_columns(missing: Sequence[str], columns: Sequence[str], name: str) -> TraceProblem:
    has = ", ".join(quoted(column) for column in columns[:20])
    more = f" and {len(columns) - 20} more" if len(columns) > 20 else ""
    wanted = " --column ".join(f"{head}=…" for head in missing)
    return TraceProblem(
        "trace-no-header",
        f"the table has no column {' and no '.join(map(quoted, missing))}; it has {has}{more}",
        f"say which they are: --column {wanted}, or columns={{…}} in Python",
        name,
    )


def _bad_mapping(said: str, name: str) -> TraceProblem:
    first = said.splitlines()[0] if said else ""
    return TraceProblem(
        "trace-no-header",
        f"the columns cannot be mapped: {quoted(first, 300)}",
        "map an attribute to a column of the table or to an expression of Spark SQL",
        name,
    )


def leaves_of(source: Source) -> list[Leaf]:
    """The columns of a source, structures taken apart. Raises Unreadable."""
    schema = source.frame.schema
    columns = {
        field.name: (emit.quoted(field.name), field.dataType)
        for field in schema.fields
        if field.name not in PLACE
    }
    return leaves(columns)
