"""A workbook without the moment it was written at: the library's clock is the wall's."""

import re
import shutil
import zipfile
from typing import IO

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""What an archive can say: it has no time before."""

_MAX_PLAIN = 2**30
"""Bytes of a part: of larger ones the archive must say so before they are written."""


def undated(dated: IO[bytes], out: IO[bytes]) -> None:
    """Copy a workbook, part by part, so that the same content is the same bytes.

    Args:
        dated: as the library wrote it.
        out: where the copy goes.
    """
    with (
        zipfile.ZipFile(dated) as parts,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for part in parts.infolist():
            kept = zipfile.ZipInfo(part.filename, date_time=_EARLIEST)
            kept.compress_type = zipfile.ZIP_DEFLATED
            large = part.file_size > _MAX_PLAIN
            with parts.open(part) as source, copy.open(kept, "w", force_zip64=large) as target:
                if part.filename == "docProps/core.xml":
                    told = rb"\d{4}-\d\d-\d\dT[0-9:.]+Z"
                    target.write(re.sub(told, b"1980-01-01T00:00:00Z", source.read()))
                else:
                    shutil.copyfileobj(source, target)
