# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as no honest authority would sign them: any octets as names, as many as one likes. DER is
written by hand, the authority's key of make-pki signs (by openssl)."""

import base64
import subprocess
import time

ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
RSA = bytes.fromhex("300d06092a864886f70d0101010500")
COMMON_NAME = bytes.fromhex("0603550403")
SAN = bytes.fromhex("0603551d11")
BASIC_CONSTRAINTS = bytes.fromhex("0603551d13")
EXTENDED_USAGE_SERVER = bytes.fromhex("30130603551d25040c300a06082b06010505070301")
UTF8, DNS = 0x0C, 0x82


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def name(common):
    """A subject of one common name: any octets."""
    return der(0x30, der(0x31, der(0x30, COMMON_NAME, der(UTF8, common))))


def subject_of(pem):
    """The subject of a certificate in a PEM file, as DER."""
    words = subprocess.run(["openssl", "x509", "-in", pem, "-outform", "DER"], capture_output=True, check=True)
    return fields(words.stdout)[5]


def fields(certificate):
    """The elements of a v3 certificate's to-be-signed part: version, serial, signature, issuer, ..."""
    found, rest = [], content(content(certificate))
    while rest:
        size = len(rest) - len(after(rest))
        found.append(rest[:size])
        rest = rest[size:]
    return found


def head(element):
    """The length of its tag and length, and of its content."""
    if element[1] < 0x80:
        return 2, element[1]
    many = element[1] & 0x7F
    return 2 + many, int.from_bytes(element[2 : 2 + many], "big")


def content(element):
    begin, size = head(element)
    return element[begin : begin + size]


def after(element):
    begin, size = head(element)
    return element[begin + size :]


def public_key(key):
    return subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], capture_output=True,
                          check=True).stdout


def rsa_key(bits):
    """The SubjectPublicKeyInfo of an RSA key whose modulus and exponent have that many bits; nobody has the
    private half."""
    number = der(0x02, b"\0" + ((1 << bits) - 59).to_bytes(bits // 8, "big"))
    return der(0x30, RSA, der(0x03, b"\0" + der(0x30, number, number)))


def sign(data, key):
    signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=data, capture_output=True, check=True)
    return signed.stdout


def forge(key, subject, names, issuer, issuer_key, is_authority=False, algorithm=ECDSA_SHA256, spki=None,
          signature=None):
    """A certificate in PEM for the public half of the file `key`, or for the DER `spki`. `subject`: the common
    name's octets; `names`: the octets of each DNS name; `issuer`: the DER of its subject; `algorithm`: what it
    says of its signature, which is of ECDSA unless given."""
    def at(days):
        return der(0x17, time.strftime("%y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400)).encode())

    alternatives = der(0x30, *(der(DNS, one) for one in names))
    extensions = der(0x30, SAN, der(0x04, alternatives)) if names else b""
    if is_authority:
        extensions += der(0x30, BASIC_CONSTRAINTS, der(0x01, b"\xff"), der(0x04, der(0x30, der(0x01, b"\xff"))))
    else:
        extensions += EXTENDED_USAGE_SERVER
    serial = der(0x02, b"\x01" + int(time.time_ns()).to_bytes(8, "big"))
    signed = der(0x30, der(0xA0, der(0x02, b"\x02")), serial, algorithm, issuer, der(0x30, at(-1), at(90)),
                 name(subject), spki or public_key(key), der(0xA3, der(0x30, extensions)))
    certificate = der(0x30, signed, algorithm, der(0x03, b"\0", signature or sign(signed, issuer_key)))
    text = base64.encodebytes(certificate).decode()
    return f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n"


def chain(key, names, issuer, issuer_key, length):
    """A leaf behind `length` - 1 authorities, each signed by the next, the last one by the issuer. All
    have the same key: it is their number that matters."""
    certificates, by, by_key = [], issuer, issuer_key
    for i in range(length - 1, 0, -1):
        subject = b"Authority %d" % i
        certificates.insert(0, forge(key, subject, [], by, by_key, is_authority=True))
        by, by_key = name(subject), key
    return "".join([forge(key, names[0], names, by, by_key), *certificates])
