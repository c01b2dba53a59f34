// Twilio's own signer and token reader: one JSON object comes in, one goes out.
const twilio = require("twilio");
const jwt = require("jsonwebtoken");

const { getExpectedTwilioSignature, validateRequest } = require("twilio/lib/webhooks/webhooks");
const { webhooks = [], tokens = [] } = JSON.parse(require("fs").readFileSync(0, "utf-8"));

// Repeated names become lists, as web frameworks for Node give them.
function fields(pairs) {
  const found = Object.create(null);
  for (const [name, value] of pairs) {
    found[name] = name in found ? [].concat(found[name], value) : value;
  }
  return found;
}

function signature({ token, url, pairs }) {
  return getExpectedTwilioSignature(token, url, fields(pairs));
}

function valid({ token, url, pairs, sent }) {
  return validateRequest(token, sent, url, fields(pairs));
}

// What the token says, and what Twilio's own program writes for the same wish.
function read({ token, account, key, secret, identity, application, ttl }) {
  const { AccessToken } = twilio.jwt;
  const own = new AccessToken(account, key, secret, { identity, ttl });
  own.addGrant(new AccessToken.VoiceGrant({ outgoingApplicationSid: application, incomingAllow: false }));
  return [token, own.toJwt()].map((one) => jwt.verify(one, secret, { complete: true, issuer: key }));
}

process.stdout.write(
  JSON.stringify({ signatures: webhooks.map(signature), valid: webhooks.map(valid), tokens: tokens.map(read) }),
);
