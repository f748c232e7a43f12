/* Configs as text, for tests. */
#ifndef CONFIG_CONFIG_FIXTURE_H
#define CONFIG_CONFIG_FIXTURE_H

#include "base/check.h"
#include "config/config.h"

/* A small base, with `more` before its end: ", " and other keys. */
#define FIXTURE(more)                                                                              \
    "{ \"input\": { \"size\": 64 },\n"                                                             \
    "  \"blocks\": [ { \"name\": \"a\", \"channels\": 8 },\n"                                      \
    "              { \"name\": \"b\", \"channels\": 16 },\n"                                       \
    "              { \"name\": \"c\", \"channels\": 32 } ]" more " }"

static inline bool fixture_parse(const char *text, const struct config_override *sets,
                                 int set_count, struct config *out, struct err *err) {
    return config_parse(text, strlen(text), "f.json", "dir", sets, set_count, out, err);
}

/* The resolved config of text that must be right. */
static inline struct config fixture_config(const char *text, const struct config_override *sets,
                                           int set_count) {
    struct config config;
    struct err err = {0};
    bool ok = fixture_parse(text, sets, set_count, &config, &err);
    if (!ok) printf("%s\n", err.text);
    CHECK(ok);
    err_free(&err);
    return config;
}

/* The messages for text that must be wrong; in a buffer that the next call overwrites. */
static inline const char *fixture_errors(const char *text, const struct config_override *sets,
                                         int set_count) {
    static char kept[16384];
    struct config config;
    struct err err = {0};
    CHECK(!fixture_parse(text, sets, set_count, &config, &err));
    snprintf(kept, sizeof kept, "%s", err.text ? err.text : "");
    config_free(&config);
    err_free(&err);
    return kept;
}

#endif
