# SPDX-License-Identifier: GPL-3.0-or-later
# What is run to see that the program does what it promises:
#
#	make check		everything
#	make check-unit		the cmocka programs and the scripts: seconds, no network
#	make check-live		against real and hostile servers on loopback
#	make check-engines	with real monitoring engines (tests/engines/README.md); not part of check
#	make check-rules	whether each conversation of bad behaviour catches the rule it names
#	make check-dist		make dist gives the same bytes, here and from its own tarball
#	make demo		one run of the plugin against a real Dovecot
#
# Unit tests speak TAP, so automake counts single cases.

# A test's source is its name with .c, unless it is said below.
UNIT_TESTS = \
	tests/test_account \
	tests/test_address \
	tests/test_append \
	tests/test_capture \
	tests/test_cert \
	tests/test_command \
	tests/test_compare \
	tests/test_conversations \
	tests/test_dial \
	tests/test_errand \
	tests/test_host \
	tests/test_identity \
	tests/test_judge \
	tests/test_keys \
	tests/test_letter \
	tests/test_mail_address \
	tests/test_mark \
	tests/test_mechanism \
	tests/test_memory \
	tests/test_mime \
	tests/test_mime_encode \
	tests/test_options \
	tests/test_out \
	tests/test_pin \
	tests/test_plan \
	tests/test_proxy_header \
	tests/test_race \
	tests/test_range \
	tests/test_reply \
	tests/test_resolve \
	tests/test_sasl \
	tests/test_secret \
	tests/test_session \
	tests/test_staple \
	tests/test_sync \
	tests/test_text \
	tests/test_tidy \
	tests/test_tls \
	tests/test_trust \
	tests/test_url \
	tests/test_utf7 \
	tests/test_watchdog \
	tests/test_watcher
SCRIPT_TESTS = \
	tests/hardened.test \
	tests/letter.test \
	tests/graphs.test \
	tests/listed.test \
	tests/packs.test \
	tests/papers.test \
	tests/pure.test \
	tests/rules.test \
	tests/runbook.test \
	tests/spdx.test

FUZZERS = \
	tests/fuzz.h \
	tests/fuzz_args.c \
	tests/fuzz_cert.c \
	tests/fuzz_date.c \
	tests/fuzz_ini.c \
	tests/fuzz_keys.c \
	tests/fuzz_letter.c \
	tests/fuzz_mailbox.c \
	tests/fuzz_mime.c \
	tests/fuzz_output.c \
	tests/fuzz_range.c \
	tests/fuzz_sasl.c \
	tests/fuzz_session.c \
	tests/fuzz_url.c
# What the live tests start, beside Dovecot.
SERVERS = tests/saslserver tests/faulty
# What letter.test runs.
WRITER = tests/write_letter
CONVERSATION = \
	tests/conversation.c \
	tests/conversation.h \
	tests/conversation_event.c \
	tests/conversation_event.h \
	tests/conversation_run.c \
	tests/conversation_steps.h
PKI = tests/pki.c tests/pki.h
OCSP = tests/ocsp.c tests/ocsp.h
MAILSERVER = tests/mailserver.c tests/mailserver.h
TEST_FILES = $(UNIT_TESTS:=.c) $(CONVERSATION) $(PKI) $(OCSP) $(MAILSERVER) \
	$(tests_saslserver_SOURCES) \
	$(tests_write_letter_SOURCES) \
	tests/faulty.c

TESTS = $(UNIT_TESTS) $(SCRIPT_TESTS)
TEST_EXTENSIONS = .test
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
LOG_COMPILER = $(SHELL) $(srcdir)/tests/tap
TEST_LOG_DRIVER = $(TAP_DRIVER)
TEST_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	srcdir='$(abs_srcdir)'; export srcdir; \
	builddir='$(abs_builddir)'; export builddir; \
	NM='$(NM)'; export NM; \
	PYTHON3='$(PYTHON3)'; export PYTHON3; \
	CHECK_IMAP_FULL='$(abs_builddir)/check_imap_full'; export CHECK_IMAP_FULL;
LIVE_ENVIRONMENT = CHECK_IMAP_FULL='$(abs_builddir)/check_imap_full' $(PYTHON3)
LIVE_RUN = $(LIVE_ENVIRONMENT) $(srcdir)/tests/live/run

if HAVE_CMOCKA
check_PROGRAMS = $(UNIT_TESTS) $(SERVERS) $(WRITER)
else
check_PROGRAMS = $(SERVERS) $(WRITER)
check-am: need-cmocka
endif
need-cmocka:
	@echo 'The tests need cmocka: install it (libcmocka-dev) and run configure again.' >&2; exit 1

LDADD = $(PLUGIN_LIBS) $(GSASL_LIBS) $(CMOCKA_LIBS)
tests_saslserver_SOURCES = tests/saslserver.c tests/saslserver.h tests/saslserver_login.c
tests_test_append_SOURCES = tests/test_append.c $(MAILSERVER)
tests_test_append_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_now -Wl,--wrap=plan_make
tests_test_cert_SOURCES = tests/test_cert.c $(PKI)
tests_test_conversations_SOURCES = tests/test_conversations.c $(CONVERSATION)
tests_faulty_SOURCES = tests/faulty.c plugins/check_imap_full.c
tests_faulty_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
	-Wl,--wrap=open_memstream -Wl,--wrap=fopen -Wl,--wrap=socket -Wl,--wrap=connect -Wl,--wrap=getsockopt \
	-Wl,--wrap=setsockopt -Wl,--wrap=getsockname -Wl,--wrap=poll -Wl,--wrap=ppoll -Wl,--wrap=__ppoll_chk \
	-Wl,--wrap=pipe2 -Wl,--wrap=fork -Wl,--wrap=waitpid -Wl,--wrap=fstat -Wl,--wrap=mlock -Wl,--wrap=mmap \
	-Wl,--wrap=madvise -Wl,--wrap=setitimer -Wl,--wrap=sigaction -Wl,--wrap=sigprocmask -Wl,--wrap=dup2 \
	-Wl,--wrap=lseek -Wl,--wrap=recv -Wl,--wrap=send -Wl,--wrap=sendmsg -Wl,--wrap=read -Wl,--wrap=write \
	-Wl,--wrap=open -Wl,--wrap=fcntl
tests_faulty_LDADD = $(PLUGIN_LIBS)
tests_test_identity_SOURCES = tests/test_identity.c $(PKI)
tests_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=free
tests_test_pin_SOURCES = tests/test_pin.c $(PKI)
tests_test_staple_SOURCES = tests/test_staple.c $(PKI) $(OCSP)
tests_test_sync_SOURCES = tests/test_sync.c $(MAILSERVER)
tests_test_sync_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_now -Wl,--wrap=plan_make \
	-Wl,--wrap=plan_make_second
tests_test_tls_SOURCES = tests/test_tls.c $(PKI) $(OCSP)
tests_test_trust_SOURCES = tests/test_trust.c $(PKI)
tests_test_watcher_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_now
tests_write_letter_SOURCES = tests/write_letter.c

# Not `all`: that is a make of its own, which would write the same files at the same time.
test-programs: autoconfig.h all-am $(check_PROGRAMS)
check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check LIVE=no
check-live: check_imap_full $(SERVERS)
	@$(LIVE_RUN)
check-engines: check_imap_full
	@$(LIVE_ENVIRONMENT) $(srcdir)/tests/engines/run
# Takes each rule that a conversation names out of the source, in a copy: minutes.
check-rules: check_imap_full tests/test_conversations
	@$(PYTHON3) $(srcdir)/tests/check-rules
demo: check_imap_full
	@$(LIVE_ENVIRONMENT) $(srcdir)/tests/live/demo
# Slow, for it configures once more; distcheck has no need of it.
check-dist:
	@srcdir='$(srcdir)' MP_DIR='$(MP_DIR)' MAKE='$(MAKE)' $(SHELL) $(srcdir)/tests/same-tarball $(distdir)
.PHONY: need-cmocka test-programs check-unit check-live check-engines check-rules check-dist demo

# The live tests say 77 when there is no server to be had here: they are skipped then, aloud.
LIVE = yes
check-local:
	@test '$(LIVE)' = yes || exit 0; \
	$(LIVE_RUN); status=$$?; \
	if test $$status = 77; then echo 'SKIP: the live tests'; exit 0; fi; \
	exit $$status

EXTRA_DIST += $(SCRIPT_TESTS) tests/check-rules tests/letter.py tests/tap tests/conversations \
	tests/engines tests/live tests/same-tarball \
	tests/pki/make-pki tests/pki/README.md
