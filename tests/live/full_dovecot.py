# SPDX-License-Identifier: GPL-3.0-or-later
"""A second Dovecot, with all that it can do switched on: quota, special-use mailboxes, every mechanism
that needs nothing from outside (tokens are checked by a key on disk). Knows nothing of the plugin."""

import base64
import hashlib
import hmac
import json
import time

from dovecot import Dovecot, give_away
from stock import QUOTA_MESSAGES, QUOTA_STORAGE, Raw

TOKEN_KEY = b"a key that only the tests know, and Dovecot"

BOTH = """
namespace inbox {{
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
}}
auth_anonymous_username = dora
auth_ssl_username_from_cert = yes
"""

MORE_2_3 = """
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 external anonymous xoauth2 oauthbearer
ssl_ca = <{pki}/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
ssl_cert_username_field = commonName
mail_plugins = quota acl
protocol imap {{
  mail_plugins = quota imap_quota acl imap_acl
}}
plugin {{
  acl = vfile
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={storage}K:messages={messages}
}}
passdb {{
  driver = static
  mechanisms = external
  args = nopassword=y
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth2.conf
}}
"""

MORE_2_4 = """
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 scram-sha-1-plus scram-sha-256-plus external anonymous \\
  xoauth2 oauthbearer
ssl_server_ca_file = {pki}/ca.pem
ssl_server_request_client_cert = yes
ssl_server_require_crl = no
ssl_server_cert_username_field = commonName
mail_plugins {{
  quota = yes
  acl = yes
}}
protocol imap {{
  mail_plugins {{
    quota = yes
    imap_quota = yes
    acl = yes
    imap_acl = yes
  }}
}}
acl_driver = vfile
quota "User quota" {{
  quota_storage_size = {storage}K
  quota_message_count = {messages}
}}
passdb static {{
  mechanisms_filter = external
  fields {{
    nopassword = yes
  }}
}}
oauth2 {{
  introspection_mode = local
  username_attribute = sub
}}
oauth2_local_validation {{
  dict fs {{
    fs posix {{
      prefix = {dir}/keys/
    }}
  }}
}}
passdb oauth2 {{
  mechanisms_filter = xoauth2 oauthbearer
}}
"""

OAUTH2_CONF = """
introspection_mode = local
username_attribute = sub
local_validation_key_dict = fs:posix:prefix={dir}/keys/
"""


def _encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(user, lifetime=3600):
    """A bearer token (JWT) that Dovecot accepts for the user."""
    now = int(time.time())
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": user, "iat": now, "nbf": now - 60, "exp": now + lifetime})
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
    return (signed + b"." + _encoded(hmac.new(TOKEN_KEY, signed, hashlib.sha256).digest())).decode()


class FullDovecot(Dovecot):
    name = "Dovecot"
    prefix = ""

    def __init__(self, folder, _, pki, users):
        super().__init__(folder, pki, users, {"127.0.0.1": "good"})
        plus = ("scram-sha-1-plus", "scram-sha-256-plus")
        self.mechanisms = ("login", "plain", "sasl-login", "cram-md5", "scram-sha-1", "scram-sha-256")
        self.not_offered = ("gssapi",)
        if self.version >= (2, 4):
            self.mechanisms += plus
        else:
            self.not_offered += plus

    def configuration(self):
        more = BOTH + (MORE_2_4 if self.version >= (2, 4) else MORE_2_3)
        return super().configuration() + more.format(dir=self.dir, pki=self.pki, storage=QUOTA_STORAGE,
                                                     messages=QUOTA_MESSAGES)

    def start(self):
        self.prepare()
        key = self.dir / "keys" / "default" / "HS256" / "default"
        key.parent.mkdir(parents=True)
        key.write_bytes(base64.b64encode(TOKEN_KEY))
        (self.dir / "oauth2.conf").write_text(OAUTH2_CONF.format(dir=self.dir))
        give_away(self.dir)
        super().start()
        self.furnish()

    def furnish(self):
        with Raw(self, "alice", self.users["alice"]) as raw:
            raw.fill()

    @staticmethod
    def attempts(log):
        """The lines of the log that tell of somebody who tried to log in."""
        return [line for line in log.splitlines() if "client in: AUTH" in line]
