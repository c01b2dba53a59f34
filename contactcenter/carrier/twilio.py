"""The real carrier, through its SDK. Only this module imports it. Every request has a time limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client
from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberInstance

from contactcenter.carrier.port import (
    CarrierCall,
    CarrierProblem,
    CarrierRecording,
    Media,
    SoftphoneToken,
    Trouble,
)
from contactcenter.settings import Settings

CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 5.0
TOKEN_SECONDS = 3600
RING_SECONDS = 30
OFFICIAL_URL = "https://api.twilio.com"
SAYS = {  # what the carrier's codes mean, where a person can do something about it
    21210: "The carrier doesn't let us call from this line; verify the number there.",
    21214: "The carrier can't call this number.",
    21215: "The carrier may not call this country; allow it in its console.",
    21211: "The carrier can't send a text message to this number.",
    21610: "This number has declined our text messages.",
    21614: "The carrier can't send a text message to this number.",
}
ALREADY_OVER = {404, 400}  # the carrier's answers to ending or pausing what is over


class PinnedHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK's base is untyped
    """Sends every REST request to the one configured address, with a time limit and without redirects."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=ANSWER_SECONDS, pool_connections=True)
        self.base = urlsplit(base_url)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As the SDK asks, to our host."""
        if self.base.geturl() != OFFICIAL_URL:
            parts = urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc)
            url = parts._replace(path=self.base.path + parts.path).geturl()
        return super().request(method, url, *args, **(kwargs | {"allow_redirects": False}))


class TwilioCarrier:
    """`Carrier` over Twilio's REST API; `settings` must hold account and token."""

    def __init__(self, settings: Settings) -> None:
        assert settings.twilio_account_sid and settings.twilio_auth_token
        self._settings = settings
        self._account = settings.twilio_account_sid
        self._secret = settings.twilio_auth_token.get_secret_value()
        self._url = settings.twilio_api_url
        self._client = Client(
            self._account,
            self._secret,
            region=settings.twilio_region,
            edge=settings.twilio_edge,
            http_client=PinnedHttpClient(self._url),
        )
        self._http = httpx2.Client(
            auth=(self._account, self._secret),
            timeout=httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            headers={"accept-encoding": "identity"},
        )

    def check(self) -> None:
        """Fetch our own account."""
        with _problems():
            self._client.api.accounts(self._account).fetch()

    def end_call(self, call: str) -> None:
        """Set the call to completed."""
        with _problems(over_is_fine=True):
            self._client.calls(call).update(status="completed")

    def hold(self, conference: str, call: str, on: bool, hold_url: str) -> None:
        """Update the participant's hold."""
        with _problems():
            self._client.conferences(conference).participants(call).update(
                hold=on, hold_url=hold_url, hold_method="POST"
            )

    def pause_recording(self, conference: str) -> None:
        """Pause with silence, so that timestamps stay true."""
        self._update_recording(conference, status="paused", pause_behavior="silence")

    def resume_recording(self, conference: str) -> None:
        """Capture again."""
        self._update_recording(conference, status="in-progress")

    def stop_recording(self, conference: str) -> None:
        """Stop for good."""
        self._update_recording(conference, status="stopped")

    def dial_agent(self, conference_name: str, number: str, shown: str, events_url: str) -> str:
        """Add the agent's telephone to the conference."""
        with _problems():
            participant = self._client.conferences(conference_name).participants.create(
                from_=shown,
                to=number,
                label="agent",
                beep="false",
                start_conference_on_enter=True,
                end_conference_on_exit=False,
                status_callback=events_url,
                timeout=20,
            )
        return str(participant.call_sid)

    def call_out(self, number: str, shown: str, answer_url: str, events_url: str, fallback_url: str) -> str:
        """Create a call."""
        with _problems():
            call = self._client.calls.create(
                to=number,
                from_=shown,
                url=answer_url,
                method="POST",
                fallback_url=fallback_url,
                fallback_method="GET",
                status_callback=events_url,  # told once, whichever way it ended
                status_callback_method="POST",
                timeout=RING_SECONDS,
            )
        return str(call.sid)

    def send_text(self, to: str, body: str) -> None:
        """Create a message."""
        sender = self._settings.twilio_text_from
        if not sender:
            raise CarrierProblem(Trouble.REFUSED, "Text messages need a sender: set CONTACTCENTER_TWILIO_TEXT_FROM.")
        with _problems():
            self._client.messages.create(to=to, from_=sender, body=body)

    @contextmanager
    def open_media(self, recording: str) -> Iterator[Media]:
        """GET the WAV with two channels; the address is built from the SID, never taken from a webhook."""
        url = f"{self._media_host()}/2010-04-01/Accounts/{self._account}/Recordings/{recording}.wav"
        try:
            with self._http.stream("GET", url, params={"RequestedChannels": "2"}) as answer:
                _check_media(answer)
                length = answer.headers.get("content-length", "")
                kind = answer.headers.get("content-type", "").split(";")[0]
                pieces = answer.iter_raw()  # as they come: a size would hold back what drips, and hide that it does
                yield Media(kind, int(length) if length.isdigit() else None, pieces)
        except httpx2.HTTPError as error:
            raise CarrierProblem(Trouble.LATER, f"The carrier did not answer ({type(error).__name__}).") from None

    def delete_recording(self, recording: str) -> None:
        """DELETE the recording's resource."""
        with _problems(over_is_fine=True):
            self._client.recordings(recording).delete()

    def recordings_since(self, since: datetime) -> Iterator[CarrierRecording]:
        """Page through recordings."""
        with _problems():
            for one in self._client.recordings.stream(date_created_after=since, page_size=200):
                seconds = float(one.duration) if one.duration not in (None, "", "-1") else None
                yield CarrierRecording(
                    one.sid, one.call_sid, one.conference_sid, str(one.status), seconds, one.start_time
                )

    def calls_since(self, since: datetime) -> Iterator[CarrierCall]:
        """Page through calls."""
        with _problems():
            for one in self._client.calls.stream(start_time_after=since, page_size=200):
                yield CarrierCall(one.sid, str(one.direction), str(one.status), one.start_time)

    def softphone_token(self, identity: str) -> SoftphoneToken:
        """A signed access token with a voice grant for our application."""
        settings = self._settings
        if not (settings.twilio_api_key_sid and settings.twilio_api_key_secret and settings.twilio_application_sid):
            raise CarrierProblem(
                Trouble.REFUSED,
                "Softphones need CONTACTCENTER_TWILIO_API_KEY_SID, _API_KEY_SECRET and _APPLICATION_SID.",
            )
        token = AccessToken(
            self._account,
            settings.twilio_api_key_sid,
            settings.twilio_api_key_secret.get_secret_value(),
            identity=identity,
            ttl=TOKEN_SECONDS,
            region=settings.twilio_region,
        )
        token.add_grant(VoiceGrant(outgoing_application_sid=settings.twilio_application_sid, incoming_allow=False))
        adapter = "stream" if settings.softphone_url else "twilio"
        return SoftphoneToken(adapter, str(token.to_jwt()), settings.softphone_url, settings.twilio_edge, TOKEN_SECONDS)

    def connect_number(self, number: str, voice_url: str, status_url: str, fallback_url: str) -> None:
        """Set the webhooks of the number and, when one is configured, of the application."""
        with _problems():
            owned = self._owned(number)
            if owned is None:
                raise CarrierProblem(Trouble.GONE, "This number is not in the carrier's account; buy or port it first.")
            owned.update(
                voice_url=voice_url,
                voice_method="POST",
                voice_fallback_url=fallback_url,
                voice_fallback_method="GET",
                status_callback=status_url,
                status_callback_method="POST",
            )
            if self._settings.twilio_application_sid:
                self._client.applications(self._settings.twilio_application_sid).update(
                    voice_url=voice_url.removesuffix("voice") + "agent",
                    voice_method="POST",
                    voice_fallback_url=fallback_url,
                    voice_fallback_method="GET",
                )

    def webhooks_of(self, number: str) -> str | None:
        """The number's voice webhook."""
        with _problems():
            owned = self._owned(number)
            return str(owned.voice_url or "") if owned is not None else None

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
        self._client.http_client.session.close()

    def _update_recording(self, conference: str, **change: str) -> None:
        with _problems(over_is_fine=True):
            self._client.conferences(conference).recordings("Twilio.CURRENT").update(**change)

    def _owned(self, number: str) -> IncomingPhoneNumberInstance | None:
        found = self._client.incoming_phone_numbers.list(phone_number=number, limit=1)
        return found[0] if found else None

    def _media_host(self) -> str:
        settings = self._settings
        if self._url == OFFICIAL_URL and settings.twilio_region and settings.twilio_edge:
            return f"https://api.{settings.twilio_edge}.{settings.twilio_region}.twilio.com"
        return self._url


def _check_media(answer: httpx2.Response) -> None:
    if answer.status_code == 200:
        return
    retry_after = answer.headers.get("retry-after", "")
    again = answer.status_code in (404, 408, 425, 429) or answer.status_code >= 500
    trouble = Trouble.LATER if again else Trouble.REFUSED
    seconds = float(retry_after) if retry_after.isdigit() else None
    raise CarrierProblem(trouble, f"The carrier answered {answer.status_code} for the recording.", seconds)


@contextmanager
def _problems(*, over_is_fine: bool = False) -> Iterator[None]:
    """The SDK's failures as ours; their texts hold numbers and addresses, so they are not passed on."""
    try:
        yield
    except TwilioRestException as error:
        if over_is_fine and error.status in ALREADY_OVER:
            return
        again = error.status == 429 or error.status >= 500
        trouble = Trouble.LATER if again else Trouble.GONE if error.status == 404 else Trouble.REFUSED
        sentence = SAYS.get(error.code, f"The carrier answered {error.status} (code {error.code}).")
        raise CarrierProblem(trouble, sentence) from None
    except (TwilioException, RequestException, OSError) as error:
        raise CarrierProblem(Trouble.LATER, f"The carrier did not answer ({type(error).__name__}).") from None
