"""The coverage-guided part: atheris over decode, answer, encode and the framer of every codec.

The first byte of an input chooses the codec, the second the context; the rest is the frame.
"""

import sys

import atheris

with atheris.instrument_imports(include=["simulator.codec"], enable_loader_override=False):
    from subjects import subjects, try_frame, try_stream

    subjects()  # codecs are loaded when they are asked for, and instrumented when they are loaded


def one(data: bytes) -> None:
    """Try one input."""
    if len(data) < 2:
        return
    found = subjects()
    subject = found[data[0] % len(found)]
    try_frame(subject, data[2:], subject.contexts[data[1] % len(subject.contexts)])
    try_stream(subject, data[2:], 1 + data[1] % 16)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
