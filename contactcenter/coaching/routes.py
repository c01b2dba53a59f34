"""Pages that look back: how callers were verified, contact by contact, and reviews of it (P05, P06)."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.coaching import alerts, facts, figures, listing, service, timeline
from contactcenter.coaching.checked import coverage
from contactcenter.coaching.export import ExportPurpose, export
from contactcenter.coaching.listing import Wanted
from contactcenter.coaching.naming import Naming, naming
from contactcenter.coaching.rules import Mark, Result, Verdict, may_name
from contactcenter.coaching.service import Given
from contactcenter.core.audit import Action, record
from contactcenter.notes.alerting import Judgement, SpokenKind
from contactcenter.recordings.routes import open_for
from contactcenter.staff.access import Visit
from contactcenter.staff.rules import Right
from contactcenter.verification.rules import EvidenceKind, Level, Purpose

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(9000, 1, 1)  # around any contact
BROWSED_WITHIN = timedelta(days=7)
Word = TypeVar("Word", bound=StrEnum)


def verifications_page(visit: Visit) -> Response:
    """Contacts with their verifications, newest first, by the filters in the address; above them their figures."""
    asked = visit.request.query_params
    wanted, zone = _wanted(visit), visit.site.settings.zone
    with visit.site.db.reading() as session:
        names = naming_of(session, visit)
        counted = None
        if names.counts(wanted.team) and "after" not in asked:
            today = visit.now.astimezone(zone).date()
            weeks = figures.weeks_between(_day(asked.get("since")), _day(asked.get("until")), today)
            counted = figures.figures(session, wanted, names, weeks, zone)
        found, older = listing.audited(session, wanted, names, asked.get("after"))
        browsing = facts.browsing(session, visit.now - BROWSED_WITHIN, zone)
    return visit.page(
        "verifications.html",
        found=found,
        older="?" + urlencode({**asked, "after": older}) if older else None,
        wanted=wanted,
        since=_day(asked.get("since")),
        until=_day(asked.get("until")),
        naming=names,
        counted=counted,
        counts=names.counts(wanted.team),
        browsing=sorted(((names.labels.get(one), many) for one, many in browsing.items()), key=lambda one: -one[1]),
        levels=list(Level),
        results=list(Result),
        kinds=list(EvidenceKind),
        marks=list(Mark),
        purposes=list(ExportPurpose),
        filters="?" + urlencode({name: value for name, value in asked.items() if name != "after"}),
    )


def export_verifications(visit: Visit) -> Response:
    """The list under the filters in the address as a CSV file, for a purpose that is put on record."""
    purpose = visit.choice("purpose", ExportPurpose, "Say for which purpose you want the file.")
    with visit.site.db.reading() as session:
        names = naming_of(session, visit)
        text = export(session, _wanted(visit), names)
    with visit.site.db.writing() as session:
        record(session, visit.now, visit.member.public_id, Action.VERIFICATIONS_EXPORTED, "verifications", purpose)
    headers = {"Content-Disposition": 'attachment; filename="verifications.csv"', "Cache-Control": "no-store"}
    return Response(text, headers=headers, media_type="text/csv")


def verification_page(visit: Visit) -> Response:
    """One verification as it went, over the recording once that was opened for this purpose."""
    with visit.site.db.reading() as session:
        names = naming_of(session, visit)
        found = timeline.detail(session, visit.now, visit.member, visit.parameter("verification"), names)
    return visit.page("verification.html", found=found)


def listen(visit: Visit) -> Response:
    """Open the recording to audit the verification: on record, and told to the agent as any listening."""
    with visit.site.db.reading() as session:
        _, contact = timeline.by_public_id(session, visit.parameter("verification"))
    open_for(visit, contact.public_id, Purpose.AUDIT)
    return visit.goto("verification", verification=visit.parameter("verification"))


def naming_of(session: Session, visit: Visit) -> Naming:
    """How staff are called for this visitor."""
    settings = visit.site.settings
    today = visit.now.astimezone(settings.zone).date()
    return naming(session, by_name=may_name(settings.works_council, settings.assessment, today))


def word(of: type[Word], text: str | None) -> Word | None:
    """The member that a filter names; None for nothing and for nonsense."""
    return of(text) if text in list(of) else None


def _wanted(visit: Visit) -> Wanted:
    asked, zone = visit.request.query_params, visit.site.settings.zone
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    return Wanted(
        team=asked.get("team") or None,
        level=next((level for level in Level if asked.get("level") == str(int(level))), None),
        result=word(Result, asked.get("result")),
        evidence=word(EvidenceKind, asked.get("evidence")),
        marks=frozenset(mark for mark in Mark if asked.get(mark) == "1"),
        since=datetime.combine(since, time.min, zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, zone) if until else None,
    )


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


class Said(StrEnum):
    """An answer on the form of a review."""

    YES = "yes"
    NO = "no"


def reviews_page(visit: Visit) -> Response:
    """What waits for a review and what was reviewed; agents see the reviews of their own contacts."""
    mine = visit.request.query_params.get("of") != "all"
    with visit.site.db.reading() as session:
        found = service.reviews(session, visit.member, mine=mine)
    return visit.page("reviews.html", found=found, mine=mine, supervises=visit.member.may(Right.SUPERVISE))


def review_page(visit: Visit) -> Response:
    """One review: its form, or what was found, who listened, and the agent's answer."""
    with visit.site.db.reading() as session:
        names = naming_of(session, visit)
        found = service.review_page(session, visit.now, visit.member, visit.parameter("review"), names)
    return visit.page("review.html", found=found, supervises=visit.member.may(Right.SUPERVISE), verdicts=list(Verdict))


def give_review(visit: Visit) -> Response:
    """Somebody who did not handle the contact says how its caller was verified."""
    given = Given(
        asked=_yes(visit, "asked"),
        answered=_yes(visit, "answered"),
        told_before=_yes(visit, "told_before"),
        verdict=visit.choice("verdict", Verdict, "Choose how it was."),
        comment=visit.form.get("comment", ""),
    )
    with visit.site.db.writing() as session:
        service.give(session, visit.now, visit.member, visit.parameter("review"), given)
    return visit.done("review", review=visit.parameter("review"))


def reply(visit: Visit) -> Response:
    """Whoever handled the contact answers its review, once."""
    with visit.site.db.writing() as session:
        service.reply(session, visit.now, visit.member, visit.parameter("review"), visit.form.get("words", ""))
    return visit.done("review", review=visit.parameter("review"))


def _yes(visit: Visit, name: str) -> bool:
    return visit.choice(name, Said, "Answer each question with yes or no.") is Said.YES


def spoken_alerts_page(visit: Visit) -> Response:
    """Alerts on what employees said, by the filters in the address; agents see what was judged of their own calls."""
    asked = visit.request.query_params
    wanted = alerts.Wanted(
        kind=word(SpokenKind, asked.get("kind")),
        judgement=word(Judgement, asked.get("state")),
        waiting=asked.get("state") == "waiting",
    )
    with visit.site.db.reading() as session:
        found = alerts.listed(session, visit.member, wanted, naming_of(session, visit))
        checked = coverage(session, visit.now)
    return visit.page(
        "spoken_alerts.html",
        found=found,
        wanted=wanted,
        coverage=checked,
        kinds=list(SpokenKind),
        judgements=list(Judgement),
        supervises=visit.member.may(Right.SUPERVISE),
        filters="?" + urlencode(dict(asked)),
    )


def spoken_alert_page(visit: Visit) -> Response:
    """One alert: the words around it as far as they are open, the form, or what was found and answered."""
    with visit.site.db.reading() as session:
        names = naming_of(session, visit)
        found = alerts.alert_page(session, visit.now, visit.member, visit.parameter("spoken_alert"), names)
    return visit.page("spoken_alert.html", found=found, supervises=visit.member.may(Right.SUPERVISE))


def open_spoken_alert(visit: Visit) -> Response:
    """Open recording and words of its contact to judge it: on record, and told to the agent as any listening."""
    with visit.site.db.reading() as session:
        _, contact = alerts.seen_by(session, visit.member, visit.parameter("spoken_alert"))
    open_for(visit, contact.public_id, Purpose.AUDIT)
    return visit.goto("spoken-alert", spoken_alert=visit.parameter("spoken_alert"))


def judge_spoken_alert(visit: Visit) -> Response:
    """Somebody who did not handle the call says whether it was a breach."""
    judgement = visit.choice("judgement", Judgement, "Say whether it was a breach.")
    name, comment = visit.parameter("spoken_alert"), visit.form.get("comment", "")
    with visit.site.db.writing() as session:
        alerts.judge(session, visit.now, visit.member, name, judgement, comment)
    return visit.done("spoken-alert", spoken_alert=name)


def answer_spoken_alert(visit: Visit) -> Response:
    """Who handled the call answers the judgement, once."""
    name = visit.parameter("spoken_alert")
    with visit.site.db.writing() as session:
        alerts.answer(session, visit.now, visit.member, name, visit.form.get("words", ""))
    return visit.done("spoken-alert", spoken_alert=name)
