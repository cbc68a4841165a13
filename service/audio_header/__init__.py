"""What a recording's own header says: is it a whole sound recording, in which container, how long, how many channels.

Pure Python over a seekable file, one module a container. Nothing is decoded: the check costs a few reads, so that a wrong or
broken file is refused while the uploader still listens. See docs/adr/0011-audio-header.md.
"""

from service.audio_header.header import AudioHeader
from service.audio_header.recognize import read_audio_header

__all__ = ["AudioHeader", "read_audio_header"]
