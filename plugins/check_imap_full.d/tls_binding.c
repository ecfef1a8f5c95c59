/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_binding.c - see tls_binding.h. Knows no mechanism. */
#include "tls_binding.h"

#include <stdbool.h>
#include <string.h>

static bool export_binding(gnutls_session_t session, struct tls_binding *binding)
{
	static const char label[] = "EXPORTER-Channel-Binding";

	binding->kind = TLS_BINDING_EXPORTER;
	binding->length = 32;
	return gnutls_prf_rfc5705(session, sizeof(label) - 1, label, 0, "", binding->length,
				  binding->octets) == 0;
}

static bool take_unique(gnutls_session_t session, struct tls_binding *binding)
{
	gnutls_datum_t unique = {NULL, 0};
	bool fits = gnutls_session_channel_binding(session, GNUTLS_CB_TLS_UNIQUE, &unique) == 0 &&
		    unique.size <= sizeof(binding->octets);

	binding->kind = TLS_BINDING_UNIQUE;
	if (fits) {
		binding->length = unique.size;
		memcpy(binding->octets, unique.data, unique.size);
	}
	gnutls_free(unique.data);
	return fits;
}

void tls_binding_read(gnutls_session_t session, struct tls_binding *binding)
{
	bool is_known = gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3
				? export_binding(session, binding)
				: take_unique(session, binding);

	if (!is_known)
		*binding = (struct tls_binding){.kind = TLS_BINDING_NONE};
}
