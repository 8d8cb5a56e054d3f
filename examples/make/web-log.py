"""Writes examples/web-log/access.log: an invented web server's day, in the combined format."""

from __future__ import annotations

from datetime import datetime

from writing import EXAMPLES, Chance, after, at

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
)
POLITE = "FinderBot/2.1 (+https://finder.example/bot)"
RUDE = "python-requests/2.31.0"


class Log:
    def __init__(self) -> None:
        self._lines: list[tuple[datetime, int, str]] = []

    def add(
        self,
        time: datetime,
        address: str,
        path: str,
        agent: str,
        *,
        status: int = 200,
        size: int = 5120,
        referrer: str = "-",
    ) -> None:
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000")
        line = (
            f'{address} - - [{stamp}] "GET {path} HTTP/1.1" {status} {size} "{referrer}" "{agent}"'
        )
        self._lines.append((time, len(self._lines), line))

    def write(self) -> None:
        path = EXAMPLES / "web-log" / "access.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line for _, _, line in sorted(self._lines)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        print(f"{path.relative_to(EXAMPLES.parent)}: {len(lines)} lines")


def main() -> None:
    chance = Chance("web-log")
    log = Log()
    readers(log, chance)
    office(log, chance)
    search_engine(log)
    scraper(log, chance)
    prober(log, chance)
    log.write()


def readers(log: Log, chance: Chance) -> None:
    for reader in range(1, 21):
        time = after(at("2024-02-06 06:00"), hours=chance.between(0, 16))
        address = f"198.51.100.{reader}"
        agent = PHONE if reader % 3 else BROWSER
        for page in range(1 + int(chance.between(2, 8))):
            where = f"/catalogue/{int(chance.between(1, 300))}"
            log.add(time, address, where, agent, referrer="https://shop.example/" if page else "-")
            time = after(time, seconds=chance.between(5, 180))


def office(log: Log, chance: Chance) -> None:
    """Ninety colleagues behind one address, all opening the catalogue at nine."""
    for colleague in range(90):
        time = after(at("2024-02-06 09:00"), seconds=chance.between(0, 58))
        log.add(time, "203.0.113.5", f"/catalogue/{colleague % 7}", BROWSER)


def search_engine(log: Log) -> None:
    """Asks for the robots' rules first, and comes every fifteen seconds."""
    time = at("2024-02-06 03:00")
    log.add(time, "192.0.2.66", "/robots.txt", POLITE, size=68)
    for page in range(1, 81):
        time = after(time, seconds=15)
        log.add(time, "192.0.2.66", f"/catalogue/{page}", POLITE)


def scraper(log: Log, chance: Chance) -> None:
    """Two hundred pages in under two minutes."""
    time = at("2024-02-06 04:10")
    for page in range(1, 201):
        log.add(time, "192.0.2.200", f"/catalogue/{page}", RUDE, size=48_000)
        time = after(time, seconds=chance.between(0, 1))


def prober(log: Log, chance: Chance) -> None:
    doors = ("/wp-login.php", "/phpmyadmin/", "/.env", "/admin.php", "/.git/config", "/backup.zip")
    time = at("2024-02-06 05:30")
    for door in doors * 2:
        log.add(time, "192.0.2.201", door, "-", status=404, size=196)
        time = after(time, seconds=chance.between(1, 4))
    # A reader with one stale bookmark.
    log.add(at("2024-02-06 12:00"), "198.51.100.4", "/admin.php", BROWSER, status=404, size=196)


if __name__ == "__main__":
    main()
