# SPDX-License-Identifier: GPL-3.0-or-later

# CHECK_TRUST_BUNDLE: the one file that GnuTLS takes for the system's trust anchors, found by watching
# what it opens. Sets TRUST_CPPFLAGS, which is empty where it takes anything but one file (p11-kit's
# store, a folder) or where no program can be run: there GnuTLS is left to load them all.
AC_DEFUN([CHECK_TRUST_BUNDLE], [
	AC_ARG_WITH([trust-bundle],
		[AS_HELP_STRING([--with-trust-bundle=FILE],
			[the file that GnuTLS takes for the trust anchors of the system (default: what it opens)])],
		[], [with_trust_bundle=yes])
	AC_MSG_CHECKING([for the system's trust anchors])
	AS_IF([test "$with_trust_bundle" = yes], [
		with_trust_bundle=no
		kept_CFLAGS=$CFLAGS
		kept_LIBS=$LIBS
		CFLAGS="$CFLAGS $GNUTLS_CFLAGS"
		LIBS="$GNUTLS_LIBS $LIBS"
		AC_RUN_IFELSE([AC_LANG_SOURCE([[
			#undef _FORTIFY_SOURCE
			#include <fcntl.h>
			#include <stdio.h>
			#include <string.h>
			#include <gnutls/x509.h>

			static char seen[256];
			static int is_watching, count;

			static void note(const char *path)
			{
				if (!is_watching || strcmp(seen, path) == 0)
					return;
				snprintf(seen, sizeof seen, "%s", path);
				count++;
			}

			/* They open nothing: to see what is wanted is enough. */
			FILE *fopen(const char *path, const char *mode)
			{
				note(path);
				return (void)mode, NULL;
			}
			FILE *fopen64(const char *path, const char *mode)
			{
				note(path);
				return (void)mode, NULL;
			}
			int open(const char *path, int flags, ...)
			{
				note(path);
				return (void)flags, -1;
			}
			int open64(const char *path, int flags, ...)
			{
				note(path);
				return (void)flags, -1;
			}

			int main(void)
			{
				gnutls_x509_trust_list_t list;

				if (gnutls_x509_trust_list_init(&list, 0) != 0)
					return 1;
				is_watching = 1;
				gnutls_x509_trust_list_add_system_trust(list, 0, 0);
				is_watching = 0;
				if (count != 1 || seen[0] != '/' || strpbrk(seen, "'\"\\ "))
					return 1;
				return !freopen("conftest.bundle", "w", stdout) || puts(seen) < 0;
			}
		]])], [with_trust_bundle=`cat conftest.bundle`], [], [:])
		rm -f conftest.bundle
		CFLAGS=$kept_CFLAGS
		LIBS=$kept_LIBS
	])
	AC_MSG_RESULT([$with_trust_bundle])
	TRUST_CPPFLAGS=
	AS_IF([test "$with_trust_bundle" != no],
		[TRUST_CPPFLAGS="-DTRUST_BUNDLE='\"$with_trust_bundle\"'"])
	AC_SUBST([TRUST_CPPFLAGS])
])
