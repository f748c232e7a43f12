# stridelab. `make help` lists the targets.
BUILD  ?= build
# V=1 prints the commands.
Q := $(if $(V),,@)
PREFIX ?= /usr/local
ifeq ($(origin CC),default)
CC := gcc
endif
OPT    ?= -O2
CPPFLAGS += -Isrc -isystem /usr/include/cjson -isystem /usr/include/stb -D_GNU_SOURCE
CFLAGS   += -std=c11 -g $(OPT) -Wall -Wextra -Wshadow -Wstrict-prototypes -ffp-contract=off $(WERROR) $(CFLAGS_EXTRA)
HARDEN   ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS  += -pie -Wl,-z,relro,-z,now
LDLIBS   += -lcjson -lm -lpthread
# All cores, unless -j says otherwise.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

# Each folder depends only on those before it; the link order makes sure of that.
LAYERS := base json image kernels weights config metrics net engine report cli
# Not part of the program: targets for fuzzing, which `make test` runs over their seeds.
WITH_FUZZ := $(LAYERS) fuzz

reverse   = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
sources   = $(filter-out %_test.c %_simd.c,$(wildcard src/$(1)/*.c))
tests     = $(wildcard src/$(1)/*_test.c)
objects   = $(patsubst src/%.c,$(BUILD)/%.o,$(call sources,$(1)))
library   = $(BUILD)/lib$(1).a
all_tests = $(foreach l,$(WITH_FUZZ),$(patsubst src/$(l)/%.c,$(BUILD)/test/%,$(call tests,$(l))))

# src/kernels/NAME_simd.c is compiled once per instruction set.
ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
ifeq ($(ARCH),x86_64)
ISAS := base avx2 avx512
else
ISAS := base
endif
KERNEL_OPT   ?= -O3
FLAGS_base   :=
FLAGS_avx2   := -mavx2 -mfma
FLAGS_avx512 := -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512
simd_objects := $(foreach i,$(ISAS),$(patsubst src/kernels/%.c,$(BUILD)/kernels/%_$(i).o,$(wildcard src/kernels/*_simd.c)))

all: $(BUILD)/stridelab ## build build/stridelab (the default)

$(BUILD)/stridelab: $(BUILD)/main.o $(foreach l,$(LAYERS),$(call library,$(l)))
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(foreach l,$(call reverse,$(LAYERS)),$(call library,$(l))) $(LDLIBS)

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(HARDEN) $(CFLAGS) -MMD -MP -c -o $@ $<

# page.c puts these into the program as they stand.
$(BUILD)/report/page.o: src/report/page.css src/report/page.js

define simd_rule
$(BUILD)/kernels/%_$(1).o: src/kernels/%.c
	@mkdir -p $$(@D)
	$(Q)$(CC) $(CPPFLAGS) $(HARDEN) $(CFLAGS) $(KERNEL_OPT) -ffp-contract=fast $(FLAGS_$(1)) -DISA=$(1) -DISA_IS_$(1) -MMD -MP -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call simd_rule,$(i))))

# The layers up to and with $(1), topmost first.
upto = $(call reverse,$(call take,$(1),$(WITH_FUZZ)))
take = $(firstword $(2)) $(if $(filter $(1),$(firstword $(2))),,$(call take,$(1),$(wordlist 2,$(words $(2)),$(2))))

define layer
$(call library,$(1)): $(call objects,$(1)) $(if $(filter kernels,$(1)),$(simd_objects))
	@mkdir -p $$(@D); rm -f $$@
	$(Q)ar rcs $$@ $$^
$(BUILD)/test/%: $(BUILD)/$(1)/%.o $(foreach l,$(call upto,$(1)),$(call library,$(l)))
	@mkdir -p $$(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$< $(foreach l,$(call upto,$(1)),$(call library,$(l))) $(LDLIBS)
endef
$(foreach l,$(WITH_FUZZ),$(eval $(call layer,$(l))))

test: $(all_tests) all ## run all tests
	@scripts/run_tests.sh $(BUILD) $(TESTS)

ON_GLYPHS = --images data/glyphs/source --targets data/glyphs/target
TRAINED   = stride2 stride1-up stride1-both pixel-shuffle
demo: all ## run the main job on the data that ships; results in $(BUILD)/demo
	$(BUILD)/stridelab trace configs/demo.json
	$(BUILD)/stridelab run configs/demo.json $(ON_GLYPHS) --out $(BUILD)/demo --force
	$(BUILD)/stridelab run configs/ablation-128.json $(TRAINED:%=--variant %) $(ON_GLYPHS) --out $(BUILD)/answer --force
	@echo "open $(BUILD)/demo/report.html and $(BUILD)/answer/report.html in a browser; overview.png beside them"
	@echo "shows each in one picture: one network with its stride edited, and designs trained from scratch"

bench: all ## time the zi2zi generator and its variants
	$(BUILD)/stridelab bench configs/zi2zi-2020.json -v

# Made by the program itself from its table of options.
MAN_PAGE    := $(BUILD)/share/stridelab.1
COMPLETIONS := $(foreach s,bash zsh fish,$(BUILD)/share/stridelab.$(s))
$(MAN_PAGE): $(BUILD)/stridelab
	@mkdir -p $(@D)
	$(Q)$< help --man >$@
$(COMPLETIONS): $(BUILD)/share/stridelab.%: $(BUILD)/stridelab
	@mkdir -p $(@D)
	$(Q)$< help --completion $* >$@

# Where shells look. Debian's zsh, for packages, looks in share/zsh/vendor-completions instead.
BASH_DIR ?= $(PREFIX)/share/bash-completion/completions
ZSH_DIR  ?= $(PREFIX)/share/zsh/site-functions
FISH_DIR ?= $(PREFIX)/share/fish/vendor_completions.d
installed = $(PREFIX)/bin/stridelab $(PREFIX)/share/man/man1/stridelab.1 \
  $(BASH_DIR)/stridelab $(ZSH_DIR)/_stridelab $(FISH_DIR)/stridelab.fish
# Below share/stridelab as they lie here: the configs and their pages, the weights that configs name,
# images to run them on, and the scripts for many images. The ablation's configs stay with the scripts
# that train their weights.
configs = $(filter-out configs/ablation-%,$(wildcard configs/*))
shared = $(configs) $(shell grep -oh '\.\./data/[^"]*' $(filter %.json,$(configs)) | cut -c4- | sort -u) \
  $(wildcard data/glyphs*/*/*.png scripts/shard_*.sh)

install: all $(MAN_PAGE) $(COMPLETIONS) ## install under PREFIX (/usr/local), below DESTDIR
	install -d $(addprefix $(DESTDIR),$(sort $(dir $(installed))))
	install -m 755 $(BUILD)/stridelab $(DESTDIR)$(PREFIX)/bin/stridelab
	install -m 644 $(MAN_PAGE) $(DESTDIR)$(PREFIX)/share/man/man1/stridelab.1
	install -m 644 $(BUILD)/share/stridelab.bash $(DESTDIR)$(BASH_DIR)/stridelab
	install -m 644 $(BUILD)/share/stridelab.zsh $(DESTDIR)$(ZSH_DIR)/_stridelab
	install -m 644 $(BUILD)/share/stridelab.fish $(DESTDIR)$(FISH_DIR)/stridelab.fish
	@for file in $(shared); do \
	  mode=644; [ ! -x $$file ] || mode=755; \
	  install -D -m $$mode $$file $(DESTDIR)$(PREFIX)/share/stridelab/$$file || exit; \
	done

uninstall: ## remove what install put there
	rm -f $(addprefix $(DESTDIR),$(installed))
	rm -rf $(DESTDIR)$(PREFIX)/share/stridelab

deb: all ## a Debian package in $(BUILD), for this machine's architecture
	+scripts/make_deb.sh $(BUILD)

asan: ## the test programs and the command line under AddressSanitizer and UBSan
	$(MAKE) BUILD=$(BUILD)-asan OPT=-O1 KERNEL_OPT=-O1 HARDEN= LDFLAGS= TESTS="programs cli" \
	  CFLAGS_EXTRA="-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined" test

torture: ## a build whose n-th allocation can be made to fail, and does
	$(MAKE) BUILD=$(BUILD)-faults CFLAGS_EXTRA=-DMEM_FAULTS
	STRIDELAB=$(BUILD)-faults/stridelab sh scripts/torture_alloc.sh

# With the sanitizers images are decoded in process; without, in the child.
FUZZ_SECONDS ?= 10
FUZZ_FLAGS = OPT=-O1 KERNEL_OPT=-O1 HARDEN= CC=clang LDFLAGS=-fsanitize=fuzzer
fuzz: ## every parser under clang's libFuzzer, each FUZZ_SECONDS (10); see src/fuzz/CAMPAIGNS.md
	@echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9; }' | \
	clang -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null || { echo "skipped: no clang with libFuzzer"; exit 0; }; \
	$(MAKE) BUILD=$(BUILD)-fuzz $(FUZZ_FLAGS) CFLAGS_EXTRA="-fsanitize=fuzzer-no-link,address,undefined \
	  -fno-sanitize-recover=undefined" $(patsubst src/fuzz/%.c,$(BUILD)-fuzz/test/%,$(call tests,fuzz)) && \
	scripts/fuzz.sh $(BUILD)-fuzz $(FUZZ_SECONDS) && \
	$(MAKE) BUILD=$(BUILD)-fuzz-child $(FUZZ_FLAGS) CFLAGS_EXTRA=-fsanitize=fuzzer-no-link \
	  $(BUILD)-fuzz-child/test/fuzz_decode_test && \
	scripts/fuzz.sh $(BUILD)-fuzz-child $(FUZZ_SECONDS) decode

# The checkers that only read the code, a file at a time, with a stamp for each file that has no
# finding. gcc's analyzer is kept out of the two files that hold all of stb.
LINT_FLAGS = $(CPPFLAGS) -DISA=base -DISA_IS_base -std=c11 -O1
WARNINGS   = -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror
ANALYZER   = $(if $(findstring define STB,$(file <$(1))),,-fanalyzer)
lint_gcc   = gcc $(LINT_FLAGS) $(WARNINGS) $(ANALYZER) -S -o /dev/null $(1)
lint_clang = clang $(LINT_FLAGS) $(WARNINGS) -fsyntax-only $(1)
lint_tidy  = clang-tidy --quiet $(1) -- $(LINT_FLAGS)
# Scratch memory holds floats and indices side by side (invalidPointerCast); and a loop over what is
# never empty counts as one that may not run (uninitvar), which gcc and clang know better. readdir_r,
# which it asks for, is deprecated: readdir may be called on folders that threads do not share.
lint_cppcheck = cppcheck -q --std=c11 --library=posix --enable=warning,portability,performance \
  --error-exitcode=1 --inline-suppr --suppress=invalidPointerCast --suppress=uninitvar \
  --suppress=readdirCalled -Isrc -D_GNU_SOURCE -DISA=base -DISA_IS_base $(1)

define lint_rule
$(BUILD)/lint/%.$(1): src/%.c $(wildcard src/*/*.h) .clang-tidy
	@mkdir -p $$(@D)
	$(Q)$$(call lint_$(1),$$<)
	@touch $$@
endef
CHECKERS ?= gcc clang tidy cppcheck
$(foreach t,$(CHECKERS),$(eval $(call lint_rule,$(t))))
linted = $(patsubst src/%.c,$(BUILD)/lint/%.$(1),$(wildcard src/*.c src/*/*.c))
lint: $(foreach t,$(CHECKERS),$(call linted,$(t))) ## gcc -fanalyzer, clang, clang-tidy, cppcheck on every file; CHECKERS names some

coverage: ## the lines and branches that the tests reach; fails below 90 % of a parser's branches, 80 % of all
	@[ ! -d $(BUILD)-coverage ] || find $(BUILD)-coverage -name '*.gcda' -delete # what earlier tests reached
	$(MAKE) BUILD=$(BUILD)-coverage OPT=-O1 KERNEL_OPT=-O1 HARDEN= \
	  CFLAGS_EXTRA="--coverage -fprofile-update=atomic" test
	scripts/coverage.py $(BUILD)-coverage

# By the command $(1), in the build folder $(2), the test programs $(3), and the demo with $(4).
define each_under
	@for test in $(3); do \
	  $(1) $(2)/test/$$test >$(2)/test/$$test.log 2>&1 || { cat $(2)/test/$$test.log; exit 1; }; \
	  echo "$$test: $$(tail -n 1 $(2)/test/$$test.log)"; \
	done
	$(1) $(2)/stridelab run configs/demo.json $(ON_GLYPHS) --out $(2)/demo-checked --force -q $(4)
endef

# The test programs that use threads.
TSAN_TESTS = pool_test checkpoint_test large_test engine_test unets_test metrics_test
tsan: ## the tests that use threads, and the demo, under ThreadSanitizer
	$(MAKE) BUILD=$(BUILD)-tsan OPT=-O1 KERNEL_OPT=-O1 HARDEN= LDFLAGS= \
	  CFLAGS_EXTRA="-fsanitize=thread -fno-omit-frame-pointer" all $(TSAN_TESTS:%=$(BUILD)-tsan/test/%)
	$(call each_under,,$(BUILD)-tsan,$(TSAN_TESTS),--threads 4 --shard 1/8)

# Those of the parsers, of files, images, configs and networks. Valgrind has no AVX-512.
VALGRIND_TESTS = base_test file_test pool_test json_test checkpoint_test convert_test png_walk_test jpeg_scan_test \
  encode_test folder_test config_test config_errors_test net_test
valgrind: $(VALGRIND_TESTS:%=$(BUILD)/test/%) all ## tests of parsers, files, configs and networks, and the demo, under Valgrind
	$(call each_under,valgrind -q --leak-check=full --error-exitcode=99,$(BUILD),$(VALGRIND_TESTS),--isa base --shard 1/24)

clean: ## remove what was built
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-faults $(BUILD)-fuzz $(BUILD)-fuzz-child $(BUILD)-coverage $(BUILD)-tsan

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: all test demo bench install uninstall deb asan torture fuzz lint coverage tsan valgrind clean help
.SECONDARY:
-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d)
