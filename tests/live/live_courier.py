# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin against a real Courier-IMAP."""

import sentences
import writing
from guests import guest
from sentences import to

globals().update(sentences.about("Courier", __name__, [*sentences.EVERYWHERE, *writing.EVERYWHERE]))


def there_is_no_special_use(w):
    """Courier answers LIST (SPECIAL-USE), which it does not advertise, with OK and every mailbox."""
    run = w.run(*to(w, guest(w, "Courier")), "--special-use=Sent", "-vvv", state="CRITICAL", text=r"^list: ")
    assert not any("SPECIAL-USE" in line for line in run.lines if " C: " in line), run


def its_plain_port_takes_a_password_in_clear(w):
    courier = guest(w, "Courier")
    w.run(*to(w, courier), "--cleartext-refused", f"--cleartext-port={courier.port}", state="WARNING",
          text="in clear")


def in_clear_auto_takes_a_mechanism_that_keeps_the_secret(w):
    courier = guest(w, "Courier")
    run = w.run(*w.to(port=courier.port, tls="none"), "-vv", state="OK")
    assert "login by CRAM-MD5" in "\n".join(run.lines), run
