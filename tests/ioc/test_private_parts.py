"""Private parts of aioca that are used: a release that changes one is noticed here.

The reasons stand in docs/explanations/decisions/0013-private-parts-of-libraries.md.
"""

import asyncio

import pytest

pytestmark = pytest.mark.ioc


async def test_aioca_keeps_the_channels_of_each_event_loop_by_name():
    from aioca import _catools

    assert isinstance(_catools._Context._channel_caches, dict)
    cache = _catools.ChannelCache(asyncio.get_running_loop())
    assert cache._ChannelCache__channels == {}
    assert callable(cache.purge)
    assert callable(_catools.Channel._purge)
