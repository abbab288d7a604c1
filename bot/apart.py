"""Work on a long text beside the event loop: everybody else's turn goes on meanwhile."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
AT_ONCE = 500  # characters: rules take some three milliseconds for them, and for the longest message more than twenty


async def apart(work: Callable[[str], Result], text: str) -> Result:
    """`work(text)`; in a thread when the text is long."""
    return await asyncio.to_thread(work, text) if len(text) > AT_ONCE else work(text)
