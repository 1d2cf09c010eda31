"""Connections with time limits: a client that sends or reads too slowly is disconnected.

The server library waits for ever for the rest of a request. Here a head must be whole after
``HEAD_SECONDS``, a body must keep up ``SLOWEST`` bytes per second, and an answer must be read. The
number of connections is limited; one more takes the place of the one that has waited longest.
"""

from __future__ import annotations

import asyncio
import resource

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 20.0
"""From the beginning of a connection, or the answer before, to the end of a request's head."""
BODY_SECONDS = 30.0
"""For a body, and one second more for every ``SLOWEST`` bytes that came."""
SLOWEST = 1024
"""Bytes in a second that the slowest line to a village hall still carries."""
READ_SECONDS = 60.0
"""For a client to read from an answer that waits in the buffer."""
REST_SECONDS = 5.0
"""For the rest of a body that was answered before it was whole, and for a last answer to leave."""
MOST_CONNECTIONS = 512
TOO_SLOW = "the request did not arrive in time\n请求没有按时传完，请重试\n".encode()


def connection_limit() -> int:
    """Return the most connections: half of the process's handles, the rest are for files."""
    handles, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if handles < 0 else max(8, min(MOST_CONNECTIONS, handles // 2))


class TimedProtocol(H11Protocol):
    """One connection of a client, with time limits."""

    began = 0.0
    """When the client began to keep the server waiting; on the loop's clock."""
    received = 0
    """Bytes that came since."""
    ends_at: float | None = None
    """When the patience ends; None while the server works on the request."""
    alarm: asyncio.TimerHandle | None = None
    closing = False
    unread = False
    """Whether an answer waits in the buffer for the client to read."""
    buffered = 0
    """Bytes in that buffer when the wait began."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request; where too many wait, the oldest gives way."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)
        limit = connection_limit()
        if len(self.connections) <= limit:
            return
        # One that was cut off a moment ago is still in the set: of many who come at once each
        # takes the place of another.
        remaining = [
            other
            for other in self.connections
            if isinstance(other, TimedProtocol) and not other.transport.is_closing()
        ]
        if len(remaining) > limit:
            waiting = [other for other in remaining if other.ends_at is not None]
            min(waiting, key=lambda other: other.began, default=self).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; a body that comes gains time, a head does not."""
        self.received += len(data)
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request, or shortly for the rest of a body that nobody reads."""
        if not self.unread:
            self._stop()
        super().on_response_complete()
        if self.unread:
            return
        if self.conn.their_state is h11.SEND_BODY:
            self._wait(REST_SECONDS)
        else:
            self._watch()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        self.unread = True
        self._wait_for_reading()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on as before."""
        self.unread = False
        self._stop()
        super().resume_writing()
        self._watch()

    def _watch(self) -> None:
        """Set the time limit by what the client has sent so far."""
        if self.unread or self.closing or self.transport.is_closing():
            return
        theirs, ours = self.conn.their_state, self.conn.our_state
        if theirs is h11.IDLE:
            if self.ends_at is None:
                self._wait(HEAD_SECONDS)
        elif theirs is not h11.SEND_BODY:
            self._stop()
        elif ours is not h11.DONE:
            if self.ends_at is None:
                self._wait(BODY_SECONDS)
            self.ends_at = self.began + BODY_SECONDS + self.received / SLOWEST

    def _say_too_slow(self) -> None:
        """Answer 408 to a request that began and is not whole; nothing to an idle client."""
        begun = self.conn.their_state is h11.SEND_BODY or self.conn.trailing_data[0]
        if not begun or self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        headers = [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", str(len(TOO_SLOW))),
            ("connection", "close"),
        ]
        for event in (
            h11.Response(status_code=408, headers=headers, reason=b"Request Timeout"),
            h11.Data(data=TOO_SLOW),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")

    def _wait_for_reading(self) -> None:
        self.buffered = self.transport.get_write_buffer_size()
        self._wait(READ_SECONDS)

    def _reads(self) -> bool:
        """Whether the client read from the answer, at the slowest speed at least."""
        left = self.transport.get_write_buffer_size()
        return self.unread and self.buffered - left >= SLOWEST * READ_SECONDS

    def _wait(self, seconds: float) -> None:
        """Begin to wait."""
        self._stop()
        self.began, self.received = self.loop.time(), 0
        self.ends_at = self.began + seconds
        self.alarm = self.loop.call_at(self.ends_at, self._ring)

    def _stop(self) -> None:
        """Wait no longer: the server works."""
        self.ends_at = None
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None

    def _ring(self) -> None:
        """Disconnect the client, unless it gained time meanwhile."""
        assert self.ends_at is not None
        if self.loop.time() < self.ends_at:
            self.alarm = self.loop.call_at(self.ends_at, self._ring)
        elif self._reads():
            self._wait_for_reading()
        elif self.closing or self.unread:
            self.transport.abort()
        elif self.flow.read_paused:
            self._wait(BODY_SECONDS)  # the application is behind, not the client
        else:
            self._say_too_slow()
            # What is in the buffer may still leave, for a while.
            self.closing = True
            self.transport.close()
            self._wait(REST_SECONDS)
