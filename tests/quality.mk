# SPDX-License-Identifier: GPL-3.0-or-later
# What is run over the sources now and then, each by one command:
#
#	make analyse		clang-tidy (.clang-tidy says for what), gcc's analyzer, shellcheck, mandoc
#	make sanitize		the tests under the address and undefined behaviour sanitizers
#	make fuzz		libFuzzer, FUZZ_SECONDS for each tests/fuzz_*.c
#	make format-check	whether clang-format would change anything
#
# Tools come from PATH: clang, clang-tidy, clang-format, gcc, shellcheck, mandoc.

FUZZ_SECONDS = 60
FUZZ_FLAGS = -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
SOURCE_FILES = $(lib_libimapcheck_a_SOURCES) $(plugins_libcheck_a_SOURCES) \
	$(check_imap_full_SOURCES) $(papers_SOURCES) $(TEST_FILES) $(FUZZERS) \
	$(tests_bench_floor_SOURCES) $(tests_bench_spent_SOURCES)
SHELL_FILES = bootstrap .ci/run tests/tap tests/pki/make-pki tests/live/get-servers $(SCRIPT_TESTS)
TOOL_FLAGS = $(DEFS) $(BASE_CPPFLAGS) $(GSASL_CPPFLAGS) -I$(srcdir)/tests $(CPPFLAGS) -U_FORTIFY_SOURCE -std=gnu11 \
	$(GNUTLS_CFLAGS) $(NETTLE_CFLAGS) $(GSASL_CFLAGS) $(CARES_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)

# Runs a command over the C files, four at a time for each of two processes.
each_c_file = for file in $(SOURCE_FILES); do case $$file in *.c) echo "$(srcdir)/$$file";; esac; done | \
	sort -u | xargs -P 2 -n 4

analyse: doc/check_imap_full.1
	@failed=; \
	echo '== clang-tidy'; \
	$(each_c_file) sh -c 'clang-tidy --quiet "$$@" -- $(TOOL_FLAGS) 2>/dev/null' tidy || failed=tidy; \
	echo '== gcc -fanalyzer'; \
	$(each_c_file) sh -c 'for file; do gcc $(TOOL_FLAGS) -fanalyzer -Werror -c "$$file" \
		-o /dev/null || status=1; done; exit $$status' analyzer || failed="$$failed gcc"; \
	echo '== shellcheck'; \
	(cd $(srcdir) && for file in $(SHELL_FILES); do test ! -f $$file || echo $$file; done | \
		xargs shellcheck) || failed="$$failed shellcheck"; \
	echo '== mandoc'; \
	mandoc -T lint -W warning doc/check_imap_full.1 || failed="$$failed mandoc"; \
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
	cd sanitize/build && $(LSAN) $(MAKE) $(AM_MAKEFLAGS) check LIVE='$(LIVE)'

fuzz:
	@$(MKDIR_P) fuzz
	@for file in $(FUZZERS); do \
		name=`basename $$file .c`; $(MKDIR_P) fuzz/$$name.corpus; \
		echo "== $$name, $(FUZZ_SECONDS) s"; \
		clang $(TOOL_FLAGS) $(FUZZ_FLAGS) -o fuzz/$$name $(srcdir)/$$file \
			`for part in $(FUZZED); do case $$part in *.c) echo $(srcdir)/$$part;; esac; done` \
			$(GNUTLS_LIBS) $(NETTLE_LIBS) && \
		fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=512 -verbosity=0 \
			-print_final_stats=1 -artifact_prefix=fuzz/$$name- fuzz/$$name.corpus || exit 1; \
	done
FUZZED = $(lib_libimapcheck_a_SOURCES) \
	plugins/check_imap_full.d/address.c \
	plugins/check_imap_full.d/charset.c \
	plugins/check_imap_full.d/compare.c \
	plugins/check_imap_full.d/failure.c \
	plugins/check_imap_full.d/host.c \
	plugins/check_imap_full.d/mail_address.c \
	plugins/check_imap_full.d/mark.c \
	plugins/check_imap_full.d/mime.c \
	plugins/check_imap_full.d/mime_type.c \
	plugins/check_imap_full.d/mime_word.c \
	plugins/check_imap_full.d/octets.c \
	plugins/check_imap_full.d/text.c \
	plugins/check_imap_full.d/transfer.c \
	plugins/check_imap_full.d/utf8.c \
	plugins/check_imap_full.d/value.c

clean-local:
	rm -rf sanitize fuzz
.PHONY: analyse format-check sanitize fuzz

EXTRA_DIST += .clang-tidy tests/lsan.supp $(FUZZERS)
