# SPDX-License-Identifier: GPL-3.0-or-later

# CHECK_MONITORING_PLUGINS: a built source tree of monitoring-plugins, whose static library is never
# installed. Sets MP_DIR, MP_CPPFLAGS and MP_LIBS.
AC_DEFUN([CHECK_MONITORING_PLUGINS], [
	AC_ARG_WITH([monitoring-plugins],
		[AS_HELP_STRING([--with-monitoring-plugins=DIR],
			[built source tree of monitoring-plugins 2.3.3 to 3.0.x; ./bootstrap gets one])],
		[], [with_monitoring_plugins=no])

	AC_MSG_CHECKING([for a built tree of monitoring-plugins])
	MP_DIR=`cd "$with_monitoring_plugins" 2>/dev/null && pwd`
	mp_version=none
	if test -n "$MP_DIR" && test -f "$MP_DIR/config.h" &&
	   test -f "$MP_DIR/lib/utils_base.h" && test -f "$MP_DIR/lib/extra_opts.h" &&
	   test -f "$MP_DIR/lib/libmonitoringplug.a" && test -f "$MP_DIR/gl/libgnu.a"
	then
		mp_version=`sed -n 's/^@%:@define PACKAGE_VERSION "\(.*\)"/\1/p' "$MP_DIR/config.h"`
	fi
	AC_MSG_RESULT([$mp_version])
	AS_CASE([$mp_version],
		[none], [AC_MSG_ERROR([
--with-monitoring-plugins=DIR has to name a source tree of monitoring-plugins in which gl/ and lib/
are built. This command gets one, configures and builds:

	./bootstrap
])],
		[2.3.3*|2.3.4*|2.3.5*|2.4*|3.0*], [],
		[AC_MSG_WARN([monitoring-plugins $mp_version is untried; 2.3.3 to 3.0.x are known to work])])

	# A tree that was built with OpenSSL needs libcrypto even for np_init.
	mp_archives="$MP_DIR/lib/libmonitoringplug.a $MP_DIR/gl/libgnu.a"
	MP_LIBS=
	kept_LIBS=$LIBS
	for mp_more in '' '-lcrypto'
	do
		AS_IF([test -n "$MP_LIBS"], [break])
		AC_MSG_CHECKING([whether libmonitoringplug links${mp_more:+ with $mp_more}])
		LIBS="$mp_archives $mp_more $kept_LIBS"
		AC_LINK_IFELSE([AC_LANG_SOURCE([[
			void np_init(char *, int, char **);
			char **np_extra_opts(int *, char **, const char *);
			void *parse_range_string(char *);
			int main(int argc, char **argv)
			{
				np_init(argv[0], argc, argv);
				return !np_extra_opts(&argc, argv, "x") || !parse_range_string(argv[0]);
			}
		]])], [
			MP_LIBS="$mp_archives $mp_more"
			AC_MSG_RESULT([yes])
		], [AC_MSG_RESULT([no])])
	done
	LIBS=$kept_LIBS
	AS_IF([test -z "$MP_LIBS"], [AC_MSG_ERROR([
nothing can be linked with the libraries in $MP_DIR (see config.log). This command builds a tree that
is known to work:

	./bootstrap
])])

	# Since 2.4 a parsed range owns a copy of its text.
	MP_CPPFLAGS="-iquote $MP_DIR/lib -iquote $MP_DIR/gl"
	kept_CPPFLAGS=$CPPFLAGS
	CPPFLAGS="$CPPFLAGS $MP_CPPFLAGS"
	AC_CHECK_MEMBER([range.text], [AS_VAR_APPEND([MP_CPPFLAGS], [" -DMP_RANGE_HAS_TEXT"])], [], [[
		#include <stdbool.h>
		#include <time.h>
		#include "utils_base.h"
	]])
	CPPFLAGS=$kept_CPPFLAGS
	MP_VERSION=$mp_version
	AC_SUBST([MP_DIR])
	AC_SUBST([MP_VERSION])
	AC_SUBST([MP_CPPFLAGS])
	AC_SUBST([MP_LIBS])
])
