"""xdp and tc: a device of this network namespace, which a loader names, or --interface."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown
from bpfdoctor.preflight.checks.kernel_function import alike, near
from bpfdoctor.preflight.live import netlink
from bpfdoctor.preflight.system import System

# Bytes of a packet that fit into a page with XDP's headroom and the skb's end: veth refuses more (tried on
# 6.18: 3506 is taken, 3520 not), and so do drivers that put a packet into one page.
_ONE_PAGE = 3506


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if hook.kind is HookKind.TC and system.config("NET_CLS_BPF") == system.config("NET_XGRESS") == "n":
        yield Cause("hook-not-configured", {"option": "CONFIG_NET_CLS_BPF"})
        return
    name = str(hook.options.get("interface") or "")
    if not name or not system.is_here:
        yield NotKnown("its loader chooses the device; name it with --interface")
        return
    devices = {each.name: each for each in netlink.devices()}
    if not devices:
        yield NotKnown("this network namespace does not show its devices")
    elif name not in devices:
        yield Cause("device-missing", {"device": name, "near": near(alike(name, devices, 3, 0.6))})
    else:
        yield from _of_device(hook, devices[name])


def _of_device(hook: Hook, device: netlink.Device) -> Iterator[Cause | NotKnown]:
    if not device.is_up:
        yield Cause("device-down", {"device": device.name})
    if hook.kind is not HookKind.XDP:
        if device.programs:
            listed = ", ".join(map(str, device.programs))
            yield Cause("xdp-before-tc", {"device": device.name, "other": listed})
        return
    if device.programs:
        listed = ", ".join(map(str, device.programs))
        yield Cause("device-has-program", {"device": device.name, "other": listed})
    if hook.options.get("frags") or device.name == "lo":
        return
    if device.sender is None:
        yield NotKnown(f"{device.name}'s peer, whose MTU counts, is in another network namespace")
    elif device.sender[1] > _ONE_PAGE:
        sender, mtu = device.sender
        yield Cause("device-mtu", {"device": device.name, "sender": sender, "mtu": mtu, "most": _ONE_PAGE})
