"""What a therapist sees of a client's questionnaires: each one, and how the sums went over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from access.acting import Actor
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.contacts import label_of
from clients.services.purposes import purpose_of
from clients.services.vaults import shared_vault
from keys.errors import KeysError, NoGrant, NoVault
from keys.services import OpenVault, Place, VaultKind, open_vault
from measures.chart import Chart, draw
from measures.instruments import Instrument, instruments
from measures.models import Closing, Result, Sheet
from measures.scoring import Answers, Change, add_up, band_of, compare, is_alarm
from measures.services.answers import every, open_given, open_result, rows_of
from measures.services.closing import open_words
from measures.services.finding import sent_results, waiting_sheets

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True, repr=False)
class Opened:
    """One questionnaire, opened.

    :param answers: question by question; None where it does not open
    :param closing: that it was closed, and by whom
    :param words: what was noted then; None where this reader cannot open it
    """

    measure: Sheet | Result
    answers: Answers | None
    closing: Closing | None = None
    words: str | None = None

    @property
    def total(self) -> int | None:
        """The sum; None where an item was left out, or nothing opens."""
        return None if self.answers is None else add_up(self.measure.questionnaire, self.answers)

    @property
    def band(self) -> str:
        """What the source calls this sum."""
        return "" if self.total is None else band_of(self.measure.questionnaire, self.total)

    @property
    def is_alarm(self) -> bool:
        return self.answers is not None and is_alarm(self.measure.questionnaire, self.answers)

    @property
    def rows(self) -> list[tuple[int, str, str]]:
        """Each question with its number and the words of the answer."""
        return [] if self.answers is None else rows_of(self.measure.questionnaire, self.answers)


@dataclass(frozen=True, repr=False)
class Series:
    """All results of one questionnaire, the newest first.

    :param chart: the sums over time, where there is one
    :param since_first, since_last: how the newest sum stands to the first one and to the one before
    """

    instrument: Instrument
    results: list[Opened]
    chart: Chart | None
    since_first: Change | None
    since_last: Change | None


@dataclass(frozen=True, repr=False)
class Seen:
    """A client's questionnaires as the care team sees them.

    :param sheets: what waits for the client
    :param lacks_key: this therapist waits for the key to what the client shares
    """

    label: str
    sheets: list[Sheet]
    series: list[Series]
    lacks_key: bool = False


def look_at_measures(*, by: Actor, client: "Client", at: datetime) -> Seen:
    """Record the look, then open every result of a client; what the client has not sent stays closed here."""
    results = sent_results(client)
    act = Act.MEASURE_READ if results else Act.CLIENT_READ
    receipt = record_look(act, by=by, target=client, purpose=purpose_of(by), at=at)
    label, sheets = label_of(by=by, client=client, receipt=receipt), waiting_sheets(client)
    try:
        vault = shared_vault(by=by, client=client)
    except NoVault:
        return Seen(label, sheets, [])
    except NoGrant:
        return Seen(label, sheets, [], lacks_key=True)
    opened = [Opened(result, _answers(vault, result, receipt), _closing_of(result)) for result in results]
    series = (_series(instrument, opened) for instrument in instruments().values())
    return Seen(label, sheets, [one for one in series if one.results])


def look_at_measure(*, by: Actor, measure: Sheet | Result, at: datetime) -> tuple[str, Opened]:
    """Record the look, then open one questionnaire, one that is not sent too, and what was noted with it.

    :returns: the client's name, or the code while this therapist waits for that key, and the questionnaire
    :raises NoGrant: this therapist waits for the key to what the client shares
    :raises SealBroken: it was altered, or moved here
    """
    receipt = record_look(Act.MEASURE_READ, by=by, target=measure, purpose=purpose_of(by), at=at)
    label = label_of(by=by, client=measure.client, receipt=receipt)
    return label, open_measure(by=by, measure=measure, receipt=receipt)


def open_measure(*, by: Actor, measure: Sheet | Result, receipt: Receipt) -> Opened:
    """Open one questionnaire and what was noted with it, under the look at it.

    :raises NoGrant, SealBroken: see :func:`look_at_measure`
    """
    vault = shared_vault(by=by, client=measure.client)
    if isinstance(measure, Sheet):
        return Opened(measure, every(open_given(vault, measure, receipt=receipt), measure))
    closing = _closing_of(measure)
    words = _words(by, closing, receipt) if closing else None
    return Opened(measure, open_result(vault, measure, receipt=receipt), closing, words)


def _answers(vault: OpenVault, result: Result, receipt: Receipt) -> Answers | None:
    try:
        return open_result(vault, result, receipt=receipt)
    except KeysError:
        # The page names it; the others are read all the same.
        return None


def _closing_of(result: Result) -> Closing | None:
    return Closing.objects.filter(result=result).select_related("closed_by", "result__client").first()


def _words(by: Actor, closing: Closing, receipt: Receipt) -> str | None:
    try:
        vault = open_vault(by=by.keys, place=Place(VaultKind.RECORD, closing.result.client_id))
    except KeysError:
        return None
    return open_words(vault, closing, receipt=receipt)


def _series(instrument: Instrument, opened: Sequence[Opened]) -> Series:
    results = [one for one in opened if one.measure.instrument == instrument.code]
    sums = [
        (one.measure.finished_at, one.total)
        for one in reversed(results)
        if isinstance(one.measure, Result) and one.total is not None
    ]
    lines = [band.least for band in instrument.bands]
    totals = [total for _, total in sums]
    return Series(
        instrument=instrument,
        results=results,
        chart=draw(sums, lines=lines, highest=instrument.highest) if sums else None,
        since_first=compare(instrument, totals[0], totals[-1]) if len(totals) > 1 else None,
        since_last=compare(instrument, totals[-2], totals[-1]) if len(totals) > 1 else None,
    )
