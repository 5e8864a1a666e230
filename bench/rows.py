"""From what was measured to the lines of the table."""

from collections.abc import Iterator, Mapping

from bench.artefacts import Size
from bench.emulator import Emulated
from bench.report import Limit, Row
from bench.routes import Route
from bench.variants import Name
from bench.warm import Warm

TO_FLOOR = 1.5
TO_PEER_WARM = 0.4
UNPACKED_MB = 40
ZIPPED_MB = 15
MB = 1_000_000
# Above this, fractions mean nothing.
WHOLE_MS = 50


def cold_row(route: Route, ms: Mapping[Name, float]) -> Row:
    """A cold start: fresh process to first answer."""
    to_floor, to_peer = ms["ours"] / ms["floor"], ms["ours"] / ms["peer"]
    return Row(
        "cold start",
        route.path,
        _ms(ms["ours"]),
        _ms(ms["floor"]),
        _ms(ms["peer"]),
        to_floor=to_floor,
        to_peer=to_peer,
        limits=[Limit(to_floor, TO_FLOOR, "x floor"), Limit(to_peer, route.cold, "x peer")],
    )


def warm_rows(route: Route, measured: Mapping[Name, Warm]) -> Iterator[Row]:
    """What the handler adds when warm, its round trips and its memory."""
    ours, peer = measured["ours"], measured["peer"]
    to_peer = ours.overhead_p50 / peer.overhead_p50
    yield Row(
        "warm overhead p50",
        route.path,
        _ms(ours.overhead_p50),
        peer=_ms(peer.overhead_p50),
        to_peer=to_peer,
        limits=[Limit(to_peer, TO_PEER_WARM, "x peer"), Limit(ours.overhead_p50, route.overhead_ms, "ms")],
    )
    yield _compare("warm overhead p99", route, ours.overhead_p99, peer.overhead_p99)
    yield _compare("warm request p50, round trips included", route, ours.whole_p50, peer.whole_p50)
    yield Row(
        "round trips, warm",
        route.path,
        str(ours.trips),
        peer=str(peer.trips),
        limits=[Limit(ours.trips, route.trips, "")],
    )
    yield Row(
        "peak memory, warm",
        route.path,
        f"{ours.peak_mib:.0f} MiB",
        peer=f"{peer.peak_mib:.0f} MiB",
        to_peer=ours.peak_mib / peer.peak_mib,
    )


def emulated_rows(route: Route, measured: Mapping[Name, Emulated]) -> Iterator[Row]:
    """Cold and warm times under Lambda's runtime."""
    ours, peer = measured["ours"], measured["peer"]
    yield _compare("under the Lambda runtime, cold", route, ours.cold, peer.cold)
    yield _compare("under the Lambda runtime, warm", route, ours.warm, peer.warm)


def layer_rows(layer: Size) -> Iterator[Row]:
    """The size of the layer."""
    for name, size, most in (("unpacked", layer.unpacked, UNPACKED_MB), ("zipped", layer.zipped, ZIPPED_MB)):
        yield Row(f"layer, {name}", "", f"{size / MB:.1f} MB", limits=[Limit(size / MB, most, "MB")])


def _compare(measured: str, route: Route, ours: float, peer: float) -> Row:
    return Row(measured, route.path, _ms(ours), peer=_ms(peer), to_peer=ours / peer)


def _ms(milliseconds: float) -> str:
    digits = 0 if milliseconds >= WHOLE_MS else 3
    return f"{milliseconds:,.{digits}f} ms"
