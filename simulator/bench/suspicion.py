"""What an unreadable stream may be: another device's protocol, or a line that is disturbed.

Every profile reads the bytes that its own did not. One that finds frame after frame in them, with
their checksums, is the likelier profile; where none does, the line is noisy: a wrong speed, a loose
wire, a missing ground.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from simulator.bench.framing import cutter_for
from simulator.codec import Context, FrameError
from simulator.frame import Value
from simulator.profile import Profile, codec_of, meanings, profiles

_ENOUGH_BYTES = 8
_ENOUGH_WHOLE_BYTES = 4  # of messages that nobody had to cut
_SHARE = 0.6  # of the bytes that must be frames of a protocol
_KEPT_BYTES = 8192


class Finding(StrEnum):
    """What unreadable bytes come to."""

    QUIET = "too little was heard"
    AS_EXPECTED = "as its profile says"
    OTHER_PROTOCOL = "another protocol"
    NOISE = "a disturbed line"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What was found; `profiles` are the likelier ones, the best first."""

    finding: Finding
    profiles: tuple[str, ...] = ()
    share: float = 0.0

    def sentence(self, profile: str = "") -> str:
        """Return what to tell a person; without a profile, who it may be."""
        if not profile:
            return self._who()
        match self.finding:
            case Finding.OTHER_PROTOCOL:
                best, *others = self.profiles
                also = f" (or {', '.join(others[:3])})" if others else ""
                return (
                    f"The device does not speak as {profile}: {self.share:.0%} of what it said is "
                    f"that of {best}{also}. Try --profile {best}."
                )
            case Finding.NOISE:
                return (
                    "What arrives is no frame of any profile: the line is disturbed, or set "
                    "wrongly. Check the baud rate ([wire] baud, --baud), the plug and the ground."
                )
            case Finding.QUIET:
                return "Too little was heard to judge what it is. Press the button."
        return f"The device speaks as {profile} says."

    def _who(self) -> str:
        match self.finding:
            case Finding.OTHER_PROTOCOL:
                best, *others = self.profiles
                also = f" (or {', '.join(others[:3])})" if others else ""
                return f"Recognised {best}{also}: {self.share:.0%} of what it said is read by it."
            case Finding.NOISE:
                return (
                    "No profile reads what arrives: a device that is not among ours, or a line "
                    "that is disturbed or set wrongly. Try another --baud; `aurasim profiles "
                    "draft` proposes a profile."
                )
        return "Too little was heard to know what it is. Press the button."


class Suspect:
    """Keeps the latest bytes that were heard, to find out what they are.

    `profile` is whose they should be, None where that is not known.
    """

    def __init__(self, profile: Profile | None = None) -> None:
        self._profile = profile
        self._kept: list[tuple[bytes, bool]] = []
        self._size = 0

    def hear(self, data: bytes, *, is_whole: bool = False) -> None:
        """Take bytes as they came."""
        self._kept.append((data, is_whole))
        self._size += len(data)
        while self._size > _KEPT_BYTES and len(self._kept) > 1:
            self._size -= len(self._kept.pop(0)[0])

    def judge(self, candidates: Sequence[Profile] | None = None) -> Suspicion:
        """Return what the bytes are; `candidates` are all profiles if not given."""
        is_blind = self._profile is None and all(is_whole for _, is_whole in self._kept)
        if self._size < (_ENOUGH_WHOLE_BYTES if is_blind else _ENOUGH_BYTES):
            return Suspicion(Finding.QUIET)
        own, name = 0.0, ""
        if self._profile is not None:
            own, name = self._share(self._profile), self._profile.name
        if own >= _SHARE:
            return Suspicion(Finding.AS_EXPECTED, (name,), own)
        others = sorted(
            (-share, one.name)
            for one in (profiles() if candidates is None else candidates)
            if one.name != name
            and self._may_be(one)
            and (share := self._share(one)) >= max(_SHARE, own + 0.2)
        )
        if not others:
            return Suspicion(Finding.NOISE, (), own)
        return Suspicion(Finding.OTHER_PROTOCOL, tuple(name for _, name in others), -others[0][0])

    def _may_be(self, profile: Profile) -> bool:
        """Return whether a profile can be known in these bytes: a stream has to be cut."""
        if all(is_whole for _, is_whole in self._kept):
            return codec_of(profile).framer() is None
        return codec_of(profile).framer() is not None or bool(profile.wire.framing)

    def _share(self, profile: Profile) -> float:
        """Return which share of the bytes a profile reads as frames that mean something."""
        read = 0
        codec = codec_of(profile)
        for payload, size in self._frames(profile):
            try:
                values = codec.decode(payload, Context(address="000000000000"))
            except FrameError as error:
                read += size if profile.identity.key and "key" in error.reason else 0
                continue
            if not _is_sound(values):
                continue
            read += size if meanings(profile, values, None, False) else size // 2
        return read / self._size

    def _frames(self, profile: Profile) -> Iterator[tuple[bytes, int]]:
        """Yield the frames that a profile cuts from the bytes, with their size on the wire."""
        whole = all(is_whole for _, is_whole in self._kept)
        cutter = cutter_for(profile, is_whole=whole)
        pieces = (data for data, _ in self._kept)
        stream = pieces if whole else iter([b"".join(pieces)])
        for piece in stream:
            before = cutter.discarded
            frames = cutter.feed(piece)
            wire = len(piece) - (cutter.discarded - before) - cutter.pending
            each = wire // len(frames) if frames else 0
            yield from ((frame, each) for frame in frames)


def _is_sound(values: Mapping[str, Value]) -> bool:
    """Return whether a tolerant codec found nothing wrong with a checksum or a length."""
    return not any(
        found is False and (name.endswith("_ok") or name == "checksum_present")
        for name, found in values.items()
    )
