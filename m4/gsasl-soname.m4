# SPDX-License-Identifier: GPL-3.0-or-later

# CHECK_GSASL_SONAME: the name by which GNU SASL is opened when it is needed (sasl_library.h): the one
# that a program linked with it asks for. Sets GSASL_CPPFLAGS, and DLOPEN_LIBS to what opening takes.
AC_DEFUN([CHECK_GSASL_SONAME], [
	AC_CHECK_TOOL([READELF], [readelf])
	AC_CACHE_CHECK([by which name GNU SASL is loaded], [imap_cv_gsasl_soname], [
		imap_cv_gsasl_soname=
		kept_CFLAGS=$CFLAGS
		kept_LIBS=$LIBS
		CFLAGS="$CFLAGS $GSASL_CFLAGS"
		LIBS="$GSASL_LIBS $LIBS"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <gsasl.h>]],
			[[return !gsasl_check_version(GSASL_VERSION);]])],
			[imap_cv_gsasl_soname=`$READELF -d conftest$EXEEXT |
				$SED -n 's/.*NEEDED.*@<:@@<:@@:>@\(libgsasl@<:@^@:>@@:>@*\)@:>@.*/\1/p'`])
		CFLAGS=$kept_CFLAGS
		LIBS=$kept_LIBS
	])
	AS_IF([test -z "$imap_cv_gsasl_soname"], [AC_MSG_ERROR([the shared library of GNU SASL is not found])])
	GSASL_CPPFLAGS="-DGSASL_SONAME='\"$imap_cv_gsasl_soname\"'"
	AC_SUBST([GSASL_CPPFLAGS])
	kept_LIBS=$LIBS
	AC_SEARCH_LIBS([dlopen], [dl])
	LIBS=$kept_LIBS
	DLOPEN_LIBS=
	AS_CASE([$ac_cv_search_dlopen], [-l*], [DLOPEN_LIBS=$ac_cv_search_dlopen])
	AC_SUBST([DLOPEN_LIBS])
])
