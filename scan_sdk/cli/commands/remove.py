"""`scan-sdk delete` and `clear`: scans that are done, and their data, removed from the server."""

from __future__ import annotations

from scan_sdk.cli.common import ScanRefs, Yes
from scan_sdk.cli.connecting import Where, connect, on_server, scan_of
from scan_sdk.cli.terminal import confirm, tell

__all__ = ["clear", "delete"]


@on_server
def delete(where: Where, scans: ScanRefs, *, yes: Yes = False) -> None:
    """Remove scans that are done from the server, and their data.

    It asks first, unless --yes is given: the data cannot be had back.
    """
    with connect(where) as client:
        infos = [client.scan_info(scan_of(client, scan)) for scan in dict.fromkeys(scans)]
        names = ", ".join(f"{info.id} '{info.name}'" for info in infos)
        plural = len(infos) > 1
        confirm(f"Remove scan{'s' * plural} {names} and {'their' if plural else 'its'} data?", yes=yes)
        for info in infos:
            client.delete(info.id)
            tell(f"scan {info.id} '{info.name}' is removed")


@on_server
def clear(where: Where, *, yes: Yes = False) -> None:
    """Remove all scans that are done from the server, and their data.

    It asks first, unless --yes is given: the data cannot be had back.
    """
    with connect(where) as client:
        done = sum(info.is_done for info in client.scan_infos())
        if not done:
            tell("nothing to remove: no scans are done")
            return
        scans = "the scan that is done" if done == 1 else f"all {done} scans that are done"
        confirm(f"Remove {scans}, and all of {'its' if done == 1 else 'their'} data?", yes=yes)
        client.clear()
    tell("1 scan is removed" if done == 1 else f"{done} scans are removed")
