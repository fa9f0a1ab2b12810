"""SLURP's email intents: the toolset mail."""

from __future__ import annotations

import re

from tinyagent.evaluation.slurp_rules.verdict import Rule, Verdict, act, ask, none

MAIL = re.compile(r"\b(e?mail\w*|gmail|inbox|messages?|unread|write|wrote)\b")
REPLY = re.compile(r"\b(reply|respond|response|write back)\b")
ADDRESS = re.compile(r"\S@\S|\bdot com\b")
NOBODY = re.compile(
    r"\bthis (\w+)|\b(please|olly|hey|can|will|you|i|me|my|want|need|to|for|a|an|the|at|via|by|help|send|start|"
    r"write|open|compose|publish|new|e?mails?|message|content|following|contact|address|hi)\b"
)
"""Words of a command to write that name nobody to write to."""


def _send(text: str) -> Verdict | None:
    if REPLY.search(text):
        return act("reply_to_email")
    if re.search(r"\bforward\b", text):
        return act("forward_email") if re.search(r"\bto \w", text) else ask("forward_email")
    if re.search(r"\badd\w*\b.*\bcontacts?\b", text):
        return ask("add_contact")
    if re.search(r"^(olly |please )*open \w+'s e?mail", text):
        return act("search_email")
    if not re.search(r"[a-z]", NOBODY.sub(" ", text)):
        return ask("compose_new_email", "add_contact") if text == "new address" else ask("compose_new_email")
    if MAIL.search(text.replace("message", "")) or ADDRESS.search(text):
        return act("compose_new_email")
    # "tell ana", "send ana the plan": by mail or by text, and a text needs its words
    return (
        ask("compose_new_email", "send_sms")
        if text.startswith("tell")
        else act("compose_new_email", "send_sms")
    )


def _read(text: str) -> Verdict | None:
    if text == "find contact":
        return ask("get_phone_number", "get_email_address")
    if not MAIL.search(text):
        return None
    if re.search(r"\bfind\b.*\bemail address\b", text):
        return act("get_email_address")
    if re.search(r"\b(notify|let me know) (me )?(when|if i receive)\b|\brefresh\b", text):
        return none("search_email")  # watching for mail to come is no tool's work
    if re.search(r"\b(open|bring up) my e?mail( account)?$", text):
        return act("search_email", "open_app")
    return act("search_email")


INTENTS: dict[str, Rule] = {"email_sendemail": _send, "email_query": _read}
