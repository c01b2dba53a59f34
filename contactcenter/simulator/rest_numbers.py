"""REST resources of the webhooks: telephone numbers and the voice application."""

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactcenter.simulator import wire
from contactcenter.simulator.rest import Ask, missing, page, resource
from contactcenter.simulator.simulator import Endpoint

_FIELDS = {
    "FriendlyName": "name",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "fallback_url",
    "VoiceFallbackMethod": "fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
}


def resources() -> list[Route]:
    """IncomingPhoneNumbers and Applications."""
    return [
        resource("/IncomingPhoneNumbers.json", get=_numbers),
        resource("/IncomingPhoneNumbers/{sid}.json", get=_number, post=_update_number),
        resource("/Applications.json", get=_applications),
        resource("/Applications/{sid}.json", get=_application, post=_update_application),
    ]


def _account(ask: Ask) -> str:
    return ask.carrier.config.account_sid


def _numbers(ask: Ask) -> Response:
    wanted = (one for one in ask.carrier.numbers.values() if ask.get("PhoneNumber", one.name) in one.name)
    return page(ask, "incoming_phone_numbers", (wire.number(one, _account(ask), ask.base) for one in wanted))


def _endpoint(ask: Ask) -> Endpoint:
    for one in ask.carrier.numbers.values():
        if one.sid == ask.part("sid"):
            return one
    raise missing(ask)


def _number(ask: Ask) -> Response:
    return JSONResponse(wire.number(_endpoint(ask), _account(ask), ask.base))


def _update_number(ask: Ask) -> Response:
    one = _endpoint(ask)
    _update(ask, one, {name: field for name, field in _FIELDS.items() if name != "FriendlyName"})
    return JSONResponse(wire.number(one, _account(ask), ask.base))


def _update(ask: Ask, one: Endpoint, fields: dict[str, str]) -> None:
    for name, field in fields.items():
        if name in ask.values:
            setattr(one, field, ask.get(name))


def _applications(ask: Ask) -> Response:
    return page(ask, "applications", [wire.application(ask.carrier.application, _account(ask), ask.base)])


def _application_of(ask: Ask) -> Endpoint:
    if ask.part("sid") != ask.carrier.application.sid:
        raise missing(ask)
    return ask.carrier.application


def _application(ask: Ask) -> Response:
    return JSONResponse(wire.application(_application_of(ask), _account(ask), ask.base))


def _update_application(ask: Ask) -> Response:
    one = _application_of(ask)
    _update(ask, one, _FIELDS)
    return JSONResponse(wire.application(one, _account(ask), ask.base))
