# SPDX-License-Identifier: GPL-3.0-or-later
# What is run over the sources now and then, each by one command:
#
#	make analyse		clang-tidy (.clang-tidy says for what), cppcheck, gcc's analyzer, shellcheck, mandoc,
#				man, reuse
#	make sanitize		all tests under the address and undefined behaviour sanitizers
#	make memcheck		the unit tests and some journeys under valgrind
#	make fuzz		libFuzzer, FUZZ_SECONDS (60) for each tests/fuzz_*.c; FUZZ=session: only that one
#	make fuzz-afl		the same with AFL++
#	make check-fuzzers	whether bugs that are planted are found
#	make mutate		how many of 100 random mutants of lib/ and judge.c the unit tests kill
#	make format-check	whether clang-format would change anything
#
# Tools come from PATH: clang, clang-tidy, clang-format, gcc, shellcheck, mandoc.

SOURCE_FILES = $(lib_libimapcheck_a_SOURCES) $(plugins_libcheck_a_SOURCES) \
	$(check_imap_full_SOURCES) $(papers_SOURCES) $(TEST_FILES) $(FUZZERS) \
	$(tests_bench_floor_SOURCES) $(tests_bench_spent_SOURCES)
SHELL_FILES = bootstrap .ci/run contrib/packaging/build-libmonitoringplug contrib/packaging/make-deb \
	contrib/packaging/make-rpm contrib/packaging/try-deb contrib/packaging/debian/tests/journey \
	tests/memcheck tests/same-tarball tests/tap tests/pki/make-pki tests/live/get-servers tests/fuzz-run $(SCRIPT_TESTS)
TOOL_FLAGS = $(DEFS) $(BASE_CPPFLAGS) -I$(srcdir)/tests $(CPPFLAGS) -U_FORTIFY_SOURCE -std=gnu11 \
	$(GNUTLS_CFLAGS) $(NETTLE_CFLAGS) $(GSASL_CFLAGS) $(CARES_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)

# Any string will do for a library that is not opened.
ANALYSER_FLAGS = $(TOOL_FLAGS) -DGSASL_SONAME=__FILE__

# Runs a command over the C files, four at a time for each of two processes.
each_c_file = for file in $(SOURCE_FILES); do case $$file in *.c) echo "$(srcdir)/$$file";; esac; done | \
	sort -u | xargs -P 2 -n 4

analyse: doc/check_imap_full.1
	@failed=; \
	echo '== clang-tidy'; \
	$(each_c_file) sh -c 'clang-tidy --quiet "$$@" -- $(ANALYSER_FLAGS) 2>/dev/null' tidy || failed=tidy; \
	echo '== cppcheck'; \
	$(each_c_file) cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
		$(BASE_CPPFLAGS) -I$(srcdir)/tests || failed="$$failed cppcheck"; \
	echo '== gcc -fanalyzer'; \
	$(each_c_file) sh -c 'for file; do gcc $(ANALYSER_FLAGS) -fanalyzer -Werror -c "$$file" \
		-o /dev/null || status=1; done; exit $$status' analyzer || failed="$$failed gcc"; \
	echo '== shellcheck'; \
	(cd $(srcdir) && for file in $(SHELL_FILES); do test ! -f $$file || echo $$file; done | \
		xargs shellcheck) || failed="$$failed shellcheck"; \
	echo '== mandoc'; \
	mandoc -T lint doc/check_imap_full.1 || failed="$$failed mandoc"; \
	echo '== man --warnings'; \
	said=`LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z doc/check_imap_full.1 2>&1 >/dev/null` && \
		test -z "$$said" || { echo "$$said"; failed="$$failed man"; }; \
	echo '== reuse'; \
	test ! -e $(srcdir)/.git || said=`cd $(srcdir) && reuse lint 2>&1` || { echo "$$said"; failed="$$failed reuse"; }; \
	test -z "$$failed" || { echo "Not clean: $$failed"; exit 1; }

format-check:
	@for file in $(SOURCE_FILES); do echo "$(srcdir)/$$file"; done | sort -u | \
		xargs clang-format --dry-run -Werror && echo 'The format is right.'

LSAN = LSAN_OPTIONS='suppressions=$(abs_srcdir)/tests/lsan.supp:print_suppressions=0'

# A second build beside this one, from what `make dist` would pack: it has to be complete, too.
sanitize:
	rm -rf sanitize/tree && $(MKDIR_P) sanitize/build
	$(MAKE) $(AM_MAKEFLAGS) distdir distdir=sanitize/tree
	cd sanitize/build && { test -f Makefile || ../tree/configure --quiet --enable-sanitizers --enable-werror \
		--with-monitoring-plugins='$(MP_DIR)' CC='$(CC)' CFLAGS='-O1 -g'; }
	cd sanitize/build && $(LSAN) $(MAKE) $(AM_MAKEFLAGS) check LIVE=no
	cd sanitize/build && $(LSAN) $(MAKE) $(AM_MAKEFLAGS) check-local LIVE='$(LIVE)'

# Each unit test once more, slowly, those that take longest first; then journeys of the program itself.
MEMCHECK_FIRST = tests/test_sasl tests/test_conversations tests/test_tls tests/test_identity tests/test_trust
MEMCHECK_JOURNEYS = 'conversations: play servers' 'conversations: play sync' 'journey: implicit tls' \
	'journey: starttls' 'journey: without credentials'
memcheck: test-programs
	@srcdir='$(abs_srcdir)' builddir='$(abs_builddir)' PYTHON3='$(PYTHON3)' \
		CHECK_IMAP_FULL='$(abs_builddir)/check_imap_full' $(srcdir)/tests/memcheck \
		$(MEMCHECK_FIRST:%=./%) $(patsubst %,./%,$(filter-out $(MEMCHECK_FIRST),$(UNIT_TESTS))) \
		-- $(MEMCHECK_JOURNEYS)

# FUZZ_SECONDS and its like reach fuzz-run by the environment, given before or behind `make`. Seeds are
# the conversations, so the unit test that writes them has to be there.
RUN_FUZZERS = TOP='$(abs_builddir)' SRC='$(abs_srcdir)' \
	LIBRARY='$(lib_libimapcheck_a_SOURCES) $(plugins_libcheck_a_SOURCES)' \
	MP_SOURCE=plugins/check_imap_full.d/mp.c \
	MP_FLAGS='$(MP_CPPFLAGS) -std=gnu17 -w' \
	LINK='$(MP_LIBS) $(GNUTLS_LIBS) $(NETTLE_LIBS) $(DLOPEN_LIBS) $(CARES_LIBS) $(JANSSON_LIBS) -lm'
fuzz: tests/test_conversations
	@$(RUN_FUZZERS) $(srcdir)/tests/fuzz-run $(FUZZ) -- $(TOOL_FLAGS) $(GSASL_CPPFLAGS)
fuzz-afl: tests/test_conversations
	@$(RUN_FUZZERS) FUZZ_ENGINE=afl $(srcdir)/tests/fuzz-run $(FUZZ) -- $(TOOL_FLAGS) $(GSASL_CPPFLAGS)

# Plants bugs, and looks whether each is found within a minute.
check-fuzzers: tests/test_conversations
	@$(PYTHON3) $(srcdir)/tests/check-fuzzers

# MUTANTS of lib/ and judge.c, MUTATE_SEED: which ones.
MUTANTS = 100
MUTATE_SEED = 1
mutate: test-programs
	@$(PYTHON3) $(srcdir)/tests/mutate -n $(MUTANTS) -s $(MUTATE_SEED)

clean-local:
	rm -rf sanitize fuzz deb rpm memcheck
.PHONY: analyse format-check sanitize fuzz fuzz-afl check-fuzzers memcheck mutate

EXTRA_DIST += .clang-tidy tests/lsan.supp tests/memcheck tests/valgrind.supp tests/fuzz-run tests/check-fuzzers tests/seeds tests/mutate $(FUZZERS)
