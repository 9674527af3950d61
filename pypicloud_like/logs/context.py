"""Which request a thread is working for, so that what it logs can be told apart."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request; empty outside of one."""
