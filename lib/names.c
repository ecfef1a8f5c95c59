/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names.c - the names of events and statuses, and the response codes that are known. */
#include "names.h"

static const char *const event_names[] = {
	[IMAP_WAIT] = "wait",	  [IMAP_GREETING] = "greeting", [IMAP_DATA] = "data",
	[IMAP_ITEM] = "item",	  [IMAP_CHUNK] = "chunk",	[IMAP_PROMPT] = "prompt",
	[IMAP_SECURE] = "secure", [IMAP_DONE] = "done",		[IMAP_CLOSED] = "closed",
	[IMAP_FAILED] = "failed",
};

static const char *const status_names[] = {
	[IMAP_NONE] = "",   [IMAP_OK] = "OK",	[IMAP_NO] = "NO",
	[IMAP_BAD] = "BAD", [IMAP_BYE] = "BYE", [IMAP_PREAUTH] = "PREAUTH",
};

static const char *const codes[] = {
	/* RFC 9051 section 7.1, RFC 5530 */
	"ALERT",
	"ALREADYEXISTS",
	"APPENDUID",
	"AUTHENTICATIONFAILED",
	"AUTHORIZATIONFAILED",
	"BADCHARSET",
	"CANNOT",
	"CAPABILITY",
	"CLIENTBUG",
	"CLOSED",
	"CONTACTADMIN",
	"COPYUID",
	"CORRUPTION",
	"EXPIRED",
	"EXPUNGEISSUED",
	"HASCHILDREN",
	"INUSE",
	"LIMIT",
	"NONEXISTENT",
	"NOPERM",
	"NOTSAVED",
	"OVERQUOTA",
	"PARSE",
	"PERMANENTFLAGS",
	"PRIVACYREQUIRED",
	"READ-ONLY",
	"READ-WRITE",
	"SERVERBUG",
	"TRYCREATE",
	"UIDNEXT",
	"UIDNOTSTICKY",
	"UIDVALIDITY",
	"UNAVAILABLE",
	"UNKNOWN-CTE",
	"UNSEEN",
	/* of extensions */
	"ANNOTATE",
	"ANNOTATIONS",
	"BADCOMPARATOR",
	"BADEVENT",
	"BADURL",
	"COMPRESSIONACTIVE",
	"DOWNGRADED",
	"HIGHESTMODSEQ",
	"INPROGRESS",
	"MAILBOXID",
	"MAXCONVERTMESSAGES",
	"MAXCONVERTPARTS",
	"MESSAGELIMIT",
	"METADATA",
	"MODIFIED",
	"NEWNAME",
	"NOMODSEQ",
	"NOTIFICATIONOVERFLOW",
	"NOUPDATE",
	"REFERRAL",
	"TEMPFAIL",
	"TOOBIG",
	"UIDREQUIRED",
	"UNDEFINED-FILTER",
	"URLMECH",
	"USEATTR",
	/* Gmail's */
	"THROTTLED",
	"WEBALERT",
};

const char *imap_known_code(struct imap_span code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (imap_is(code, codes[i]))
			return codes[i];
	}
	return NULL;
}

const char *imap_event_name(enum imap_event event)
{
	return event_names[event];
}

const char *imap_status_name(enum imap_status status)
{
	return status_names[status];
}

enum imap_status status_of_name(struct imap_span name)
{
	for (int status = IMAP_OK; status <= IMAP_PREAUTH; status++) {
		if (imap_is(name, status_names[status]))
			return (enum imap_status)status;
	}
	return IMAP_NONE;
}
