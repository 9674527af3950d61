"""Renders READMEs in a process of its own: a JSON object ``{"text", "kind"}`` comes, the HTML as a JSON text,
or null, goes; each after its length in four bytes.

They are anybody's texts, and the libraries that read them match patterns without bounds: whoever has this
process ends it when it takes too long. It ends by itself when nobody has asked for a while.
"""

from __future__ import annotations

import json
import resource
import select
import sys

from readme_renderer import markdown, rst

from pypicloud_like.registry.presented import MARKDOWN, RST
from pypicloud_like.web.browse.messages import receive, send
from pypicloud_like.web.browse.readme_html import fitted

IDLE = 600
"""Seconds without a question after which the process ends."""
_MEMORY = 1024 * 1024 * 1024


def render(text: str, kind: str) -> str | None:
    """A README as HTML that may stand in a page; None if it is not what its kind says."""
    if kind == MARKDOWN:
        html = markdown.render(text)
    elif kind == RST:
        html = rst.render(text)
    else:
        html = None
    return fitted(html) if html is not None else None


def serve(source: int, target: int) -> None:
    """Answer what comes by one descriptor through another, until there is no more or nobody asks for long."""
    while select.select([source], [], [], IDLE)[0]:
        question = receive(source)
        if question is None:
            return
        asked = json.loads(question)
        send(target, json.dumps(render(asked["text"], asked["kind"])).encode())


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    serve(sys.stdin.fileno(), sys.stdout.fileno())
