"""What a reader must know beside the verdicts: what was not checked, and what was changed."""

from __future__ import annotations

from tosrules.reports.layout import Page
from tosrules.reports.text_clauses import place
from tosrules.result.model import Result
from tosrules.result.values import count

SKIPPED = 5


def notes(page: Page, result: Result, all: bool) -> None:
    run = result.run
    said = [note.text for note in run.notes]
    for keyless in run.keyless:
        what = count(keyless.events, "beginning or end", "beginnings and ends")
        verb = "names" if keyless.events == 1 else "name"
        said.append(f"{what} of `{keyless.name}` {verb} nobody, and had no effect.")
    skipped = run.skipped_records if all else run.skipped_records[:SKIPPED]
    if not said and not skipped:
        return
    page.gap()
    page.say("Notes", style="strong")
    for text in said:
        page.say(text, 2, 4)
    for record in skipped:
        rest = ", and the rest of the file" if record.rest else ""
        page.say(f"skipped {place(record.place)}{rest}: {record.message}", 2, 4)
    if run.skipped > len(skipped) and skipped:
        page.say(f"… {run.skipped - len(skipped):,} more skipped", 2, style="faint")
