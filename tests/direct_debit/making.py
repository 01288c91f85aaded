"""Files of the bank with AvtaleGiro mandates, written by hand from the layout."""

from datetime import date

from tests.payments.making import ACCOUNT, TODAY


def told(kid: str, kind: int = 1, *, notice: str = "J", number: int = 1) -> str:
    """A record of a mandate: 0 in a list of all, 1 new or changed, 2 ended."""
    return f"NY219470{number:07d}{kind}{kid:>25}{notice}" + "0" * 38


def mandates(
    *records: str, on: date | None = TODAY, transmission: str = "0000011", account: str = ACCOUNT
) -> bytes:
    """A file with nothing but mandates; without a day its transmission says none."""
    day = f"{on:%d%m%y}" if on else "000000"
    count = len(records)
    lines = [
        f"NY00001000008080{transmission}00010033" + "0" * 49,
        f"NY212420{'0' * 9}0000002{account}" + "0" * 45,
        *records,
        f"NY212488{count:08d}{count + 2:08d}" + "0" * 56,
        f"NY000089{count:08d}{count + 4:08d}{0:017d}{day}" + "0" * 33,
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("iso-8859-1")


def together(*files: bytes) -> bytes:
    """One transmission with the assignments of several files."""
    read = [file.decode("iso-8859-1").splitlines() for file in files]
    count, ore = (sum(int(lines[-1][at]) for lines in read) for at in (slice(8, 16), slice(24, 41)))
    inner = [line for lines in read for line in lines[1:-1]]
    end = f"NY000089{count:08d}{len(inner) + 2:08d}{ore:017d}{read[0][-1][41:]}"
    lines = [read[0][0], *inner, end]
    return "".join(f"{line}\r\n" for line in lines).encode("iso-8859-1")
