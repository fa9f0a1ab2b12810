"""Handing one mail to an SMTP server: encrypted unless it runs on this machine, with a limit on every wait."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tinyagent.tools.mail_settings import SECURITY, MailSettings, is_local, password, path_of
from tinyagent.tools.mail_text import one_line

_HELLO = "[127.0.0.1]"
"""What is said for this machine's name: the true one would need a look-up, and is nobody's business."""
_GOODBYE = 2.0


class SmtpError(Exception):
    """The mail was not sent, or (`unsure`) nobody knows: `reason` says why, `cure` what to do."""

    def __init__(self, reason: str, cure: str, unsure: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.cure, self.unsure = reason, cure, unsure


def send(settings: MailSettings, home: Path, recipients: Sequence[str], data: bytes) -> list[str]:
    """Send a mail (CRLF lines) and return those recipients whom the server refused.

    Raises `SmtpError` where nobody gets it, `SettingsError` where the password or certificate is missing.
    """
    secret = password(settings, home) if settings.user else ""
    context = _context(settings, home)
    client = _connected(settings, context)
    try:
        _greet(client, settings, context)
        if settings.user:
            _login(client, settings, secret)
        return _deliver(client, settings, recipients, data)
    finally:
        _leave(client)


def _context(settings: MailSettings, home: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ca_file:
        path = path_of(settings.ca_file, home, "ca_file")
        try:
            context.load_verify_locations(path)
        except (OSError, ssl.SSLError):
            raise SmtpError(f"{path} holds no certificates", "correct ca_file in the table [mail]") from None
    return context


def _connected(settings: MailSettings, context: ssl.SSLContext) -> smtplib.SMTP:
    port = settings.port or SECURITY[settings.security]
    options: dict[str, Any] = {"local_hostname": _HELLO, "timeout": settings.timeout}
    try:
        if settings.security == "tls":
            return smtplib.SMTP_SSL(settings.host, port, context=context, **options)
        return smtplib.SMTP(settings.host, port, **options)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise _failure(settings, error) from None


def _greet(client: smtplib.SMTP, settings: MailSettings, context: ssl.SSLContext) -> None:
    try:
        if settings.security == "starttls":
            client.starttls(context=context)
        client.ehlo_or_helo_if_needed()
    except smtplib.SMTPNotSupportedError:
        raise SmtpError(
            f"{settings.host} offers no encryption",
            'set security in the table [mail] to "tls", or take another port',
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise _failure(settings, error) from None


def _login(client: smtplib.SMTP, settings: MailSettings, secret: str) -> None:
    if settings.security == "none" and not is_local(settings.host):
        raise SmtpError(
            "a password would go out unencrypted", 'set security in the table [mail] to "starttls"'
        )
    try:
        client.login(settings.user, secret)
    except (smtplib.SMTPAuthenticationError, UnicodeError):
        raise SmtpError(
            f"{settings.host} does not take the password", "check user and password_file in the table [mail]"
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise SmtpError(f"{settings.host} knows no login", "remove user from the table [mail]") from None
    except (OSError, smtplib.SMTPException) as error:
        raise _failure(settings, error) from None


def _deliver(
    client: smtplib.SMTP, settings: MailSettings, recipients: Sequence[str], data: bytes
) -> list[str]:
    try:
        return sorted(client.sendmail(settings.address, list(recipients), data))
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise SmtpError(
            f"{settings.host} refuses the recipient ({_said(code, text)})", "check the address"
        ) from None
    except smtplib.SMTPResponseException as error:
        reply = _said(error.smtp_code, error.smtp_error)
        raise SmtpError(
            f"{settings.host} refuses the mail ({reply})", "send it from your mail program"
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        failure = _failure(settings, error)
        # The server may have taken the mail and only its answer is missing.
        raise SmtpError(
            failure.reason, "look whether it arrived before you send it again", unsure=True
        ) from None


def _leave(client: smtplib.SMTP) -> None:
    """Say goodbye, but not for long: what is sent is sent, whether or not the server answers."""
    with suppress(OSError, smtplib.SMTPException):
        if client.sock is not None:
            client.sock.settimeout(_GOODBYE)
            client.quit()
    client.close()


def _failure(settings: MailSettings, error: Exception) -> SmtpError:
    host = settings.host
    if isinstance(error, TimeoutError):
        return SmtpError(f"{host} did not answer within {settings.timeout:g} seconds", "try again later")
    if isinstance(error, ssl.SSLCertVerificationError):
        return SmtpError(
            f"the certificate of {host} is not trusted", "check host, or set ca_file, in the table [mail]"
        )
    if isinstance(error, ssl.SSLError):
        return SmtpError(f"{host} does not speak TLS there", "check port and security in the table [mail]")
    if isinstance(error, smtplib.SMTPResponseException):
        return SmtpError(f"{host} says no ({_said(error.smtp_code, error.smtp_error)})", "try again later")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return SmtpError(f"{host} hung up", "check port and security in the table [mail]")
    why = one_line(getattr(error, "strerror", None) or str(error) or type(error).__name__, 120)
    return SmtpError(
        f"{host} cannot be reached ({why})", "check the network, and host and port in the table [mail]"
    )


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {one_line(words, 120)}".strip()
