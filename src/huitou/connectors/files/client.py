"""The uploaded files as a Source: nothing is pulled and nothing pushed, intake cuts the files into pages itself."""

from collections.abc import Iterator, Mapping

from huitou.connectors.definition import Clock, Connector
from huitou.connectors.files.fields import FILE_KINDS
from huitou.connectors.protocol import Cursor, RawPage, Stream

CODE = "files"
STREAMS: tuple[Stream, ...] = tuple(
    Stream(kind.code, kind.title.zh, kind.kinds, columns=(), optional=kind.names) for kind in FILE_KINDS.values()
)


class FilesSource:
    """One place that files come from; the code under which it is configured is what its rows are known by."""

    code = CODE
    title = "文件导入"
    streams = STREAMS

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """There is nothing to fetch."""
        return iter(())

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """Files come through the import, never as a push. Raises PermissionError."""
        raise PermissionError("files are uploaded as an import, not pushed")


def _create(settings: Mapping[str, str], clock: Clock) -> FilesSource:
    return FilesSource()


CONNECTOR = Connector(CODE, FilesSource.title, (), _create)
