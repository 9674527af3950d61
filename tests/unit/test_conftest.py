"""The rule that tests stay on this machine is in force."""

import socket

import pytest


def test_other_machines_are_out_of_reach():
    with socket.socket() as one:
        one.settimeout(1)
        with pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
            one.connect(("192.0.2.1", 80))


def test_loopback_is_not():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
