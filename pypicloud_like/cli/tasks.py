"""How waitress carries out a request and words its answer, where its own way costs more than it has to."""

from __future__ import annotations

from waitress.task import WSGITask


class Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """An answer whose head and first bytes are sent together, and after which the connection stays open even
    if it has no body.

    waitress 3.0 closes the connection after each 304: it takes an answer without ``Content-Length`` for one
    that only the end of the connection ends. But a 304 or 204 ends with its head (RFC 9112 §6.3), and its
    ``Content-Length``, if there were one, would be that of the body it does not have (RFC 9110 §8.6).
    """

    def set_close_on_finish(self) -> None:
        """Close after this answer, but not merely because it has no length where it can have none."""
        begun: bool = self.wrote_header
        if begun or self.has_body or self._is_last():
            super().set_close_on_finish()

    def build_response_header(self) -> bytes:
        """The status line and the headers."""
        if not self.has_body and self.version == "1.0" and not self._is_last():
            self.response_headers.append(("Connection", "Keep-Alive"))
        head: bytes = super().build_response_header()
        return head

    def write(self, data: bytes) -> None:
        """Send a part of the body, the first one together with the head: as one packet and one call of the
        system, where it is small.
        """
        if self.wrote_header or not data or len(data) > _TOGETHER or not self._is_plain(data):
            super().write(data)
            return
        head = self.build_response_header()
        self.wrote_header: bool = True
        self.content_bytes_written += len(data)
        self.channel.write_soon(head + data)

    def _is_plain(self, data: bytes) -> bool:
        """Whether it is part of an answer that was begun properly, and within the length that was told."""
        length: int | None = self.content_length
        return bool(self.complete and self.has_body and length is not None and len(data) <= length)

    def _is_last(self) -> bool:
        """Whether the client wants the connection closed, or does not know that it could stay open."""
        wish: str = self.request.headers.get("CONNECTION", "").lower()
        return wish == "close" or (str(self.version) == "1.0" and wish != "keep-alive")


_TOGETHER = 64 * 1024
"""Larger bodies are sent as they are, not copied once more behind a head."""
