"""The telephony of a contact: webhooks, what the caller hears, lines, queue, answering."""
