/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl_library.c - see sasl_library.h. */
#include "sasl_library.h"

#include <dlfcn.h>

static bool find_all(struct sasl_library *library)
{
	bool are_found = true;

	/* POSIX has dlsym() return functions as objects. */
#define FIND(name)                                                                                 \
	*(void **)&library->name = dlsym(library->handle, "gsasl_" #name);                         \
	are_found &= library->name != NULL;
	SASL_LIBRARY_FUNCTIONS(FIND)
#undef FIND
	return are_found;
}

/* RTLD_NOW: as with all that is linked, nothing is left to be bound, or written to, later on. */
bool sasl_library_open(struct sasl_library *library, const char *soname, struct failure *failure)
{
	const char *why = NULL;

	library->handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	if (library->handle && find_all(library))
		return true;
	why = dlerror();
	failure_set(failure, CLASS_INTERNAL,
		    "the library GNU SASL, which this mechanism needs, cannot be loaded: %s",
		    why ? why : soname);
	sasl_library_close(library);
	return false;
}

void sasl_library_close(struct sasl_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	library->handle = NULL;
}
