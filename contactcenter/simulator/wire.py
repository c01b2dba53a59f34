"""REST resources as the carrier writes them."""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from contactcenter.simulator.capture import Recording
from contactcenter.simulator.conference import Conference, Participation
from contactcenter.simulator.legs import API_VERSION, Leg
from contactcenter.simulator.simulator import Complaint, Endpoint

Json = dict[str, Any]


def day(moment: datetime | None) -> str | None:
    """RFC 2822, as all times of this API."""
    return format_datetime(moment) if moment else None


def call(leg: Leg, base: str) -> Json:
    """A Call resource."""
    status = "queued" if leg.status == "initiated" else leg.status
    return {
        "sid": leg.sid,
        "account_sid": leg.carrier.config.account_sid,
        "api_version": API_VERSION,
        "date_created": day(leg.created),
        "date_updated": day(leg.updated),
        "parent_call_sid": None,
        "from": leg.party.caller,
        "from_formatted": leg.party.caller,
        "to": leg.party.called,
        "to_formatted": leg.party.called,
        "phone_number_sid": leg.party.phone_number_sid or None,
        "status": status,
        "start_time": day(leg.answered or leg.created),
        "end_time": day(leg.ended),
        "duration": str(leg.seconds) if leg.over else None,
        "direction": leg.party.direction,
        "price": None,
        "price_unit": "USD",
        "answered_by": None,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "annotation": None,
        "uri": f"{base}/Calls/{leg.sid}.json",
        "subresource_uris": {"recordings": f"{base}/Calls/{leg.sid}/Recordings.json"},
    }


def conference(room: Conference, base: str) -> Json:
    """A Conference resource."""
    uri = f"{base}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": room.carrier.config.account_sid,
        "api_version": API_VERSION,
        "date_created": day(room.created),
        "date_updated": day(room.updated),
        "friendly_name": room.name,
        "region": "ie1",
        "status": room.status,
        "reason_conference_ended": room.reason_ended or None,
        "call_sid_ending_conference": room.ended_by or None,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
    }


def participant(one: Participation, base: str) -> Json:
    """A Participant resource of somebody who is in the conference."""
    options = one.options
    return {
        **_place(one.leg, one.conference.sid, base),
        "label": options.label or None,
        "muted": options.muted,
        "hold": options.hold,
        "coaching": bool(options.coach),
        "call_sid_to_coach": options.coach or None,
        "start_conference_on_enter": options.start_on_enter,
        "end_conference_on_exit": options.end_on_exit,
        "status": "connected",
        "date_created": day(one.joined),
        "date_updated": day(one.updated),
    }


def invited(leg: Leg, conference_sid: str, label: str, base: str) -> Json:
    """A Participant resource of somebody whose telephone rings."""
    return {
        **_place(leg, conference_sid, base),
        **dict.fromkeys(("muted", "hold", "coaching", "end_conference_on_exit"), False),
        "label": label or None,
        "call_sid_to_coach": None,
        "start_conference_on_enter": True,
        "status": "ringing" if leg.status == "ringing" else "queued",
        "date_created": day(leg.created),
        "date_updated": day(leg.updated),
    }


def _place(leg: Leg, conference_sid: str, base: str) -> Json:
    return {
        "account_sid": leg.carrier.config.account_sid,
        "call_sid": leg.sid,
        "conference_sid": conference_sid,
        "queue_time": "0",
        "uri": f"{base}/Conferences/{conference_sid}/Participants/{leg.sid}.json",
    }


def recording(item: Recording, base: str) -> Json:
    """A Recording resource."""
    status = "deleted" if item.deleted else item.status
    return {
        "sid": item.sid,
        "account_sid": item.source.account_sid,
        "api_version": API_VERSION,
        "call_sid": item.source.call_sid,
        "conference_sid": item.source.conference_sid,
        "date_created": day(item.created),
        "date_updated": day(item.updated),
        "start_time": day(item.started),
        "duration": str(item.seconds) if not item.running else None,
        "channels": 2,
        "source": "Conference",
        "status": status,
        "error_code": item.error_code,
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "track": "both",
        "uri": f"{base}/Recordings/{item.sid}.json",
        "media_url": f"{item.source.media_url}/{item.sid}",
        "subresource_uris": {},
    }


def number(item: Endpoint, account_sid: str, base: str) -> Json:
    """An IncomingPhoneNumber resource."""
    return {
        **_webhooks(item, account_sid),
        "phone_number": item.name,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "beta": False,
        "status": "in-use",
        "origin": "twilio",
        "voice_application_sid": None,
        "uri": f"{base}/IncomingPhoneNumbers/{item.sid}.json",
    }


def application(item: Endpoint, account_sid: str, base: str) -> Json:
    """An Application resource."""
    return {**_webhooks(item, account_sid), "uri": f"{base}/Applications/{item.sid}.json"}


def _webhooks(item: Endpoint, account_sid: str) -> Json:
    return {
        "sid": item.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "friendly_name": item.name,
        "date_created": day(item.created),
        "date_updated": day(item.created),
        "voice_url": item.voice_url,
        "voice_method": item.voice_method,
        "voice_fallback_url": item.fallback_url,
        "voice_fallback_method": item.fallback_method,
        "status_callback": item.status_callback,
        "status_callback_method": item.status_callback_method,
        "voice_caller_id_lookup": False,
    }


def notification(item: Complaint, account_sid: str, base: str) -> Json:
    """A Notification resource: an entry of the error log."""
    return {
        "sid": item.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "call_sid": item.call_sid,
        "error_code": str(item.code),
        "log": "0",
        "message_text": item.message,
        "more_info": f"https://www.twilio.com/docs/errors/{item.code}",
        "request_url": item.url,
        "request_method": "POST",
        "message_date": day(item.created),
        "date_created": day(item.created),
        "date_updated": day(item.created),
        "uri": f"{base}/Notifications/{item.sid}.json",
    }
