# SPDX-License-Identifier: GPL-3.0-or-later

# CHECK_COMPILE_FLAG(VARIABLE, FLAG): appends FLAG to VARIABLE if the compiler takes it without a word.
AC_DEFUN([CHECK_COMPILE_FLAG], [
	AS_VAR_PUSHDEF([cached], [check_cv_compile_$2])
	AC_CACHE_CHECK([whether $CC takes $2], [cached], [
		kept_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
			[AS_VAR_SET([cached], [yes])], [AS_VAR_SET([cached], [no])])
		CFLAGS=$kept_CFLAGS
	])
	AS_VAR_IF([cached], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([cached])
])

# CHECK_LINK_FLAG(VARIABLE, FLAG): the same for the linker.
AC_DEFUN([CHECK_LINK_FLAG], [
	AS_VAR_PUSHDEF([cached], [check_cv_link_$2])
	AC_CACHE_CHECK([whether the linker takes $2], [cached], [
		kept_LDFLAGS=$LDFLAGS
		LDFLAGS="$LDFLAGS -Werror $2"
		AC_LINK_IFELSE([AC_LANG_PROGRAM()],
			[AS_VAR_SET([cached], [yes])], [AS_VAR_SET([cached], [no])])
		LDFLAGS=$kept_LDFLAGS
	])
	AS_VAR_IF([cached], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([cached])
])
