/* `--set PATH=VALUE` as a document of its own: blocks.innermost.up.stride=1 becomes
 * {"blocks": {"innermost": {"up": {"stride": 1}}}}. */
#ifndef CONFIG_OVERLAY_H
#define CONFIG_OVERLAY_H

#include "base/err.h"
#include "base/text.h"
#include "config/config.h"
#include "json/json.h"

/* Start it zeroed. It must not move while its document is in use. */
struct overlay {
    struct text name; /* "--set PATH=VALUE", for messages */
    struct text text;
    struct json_doc doc;
};

/* VALUE is JSON, or else taken as a string. The caller frees `out`, also after a failure. */
bool overlay_make(const struct config_override *set, struct overlay *out, struct err *err);
void overlay_free(struct overlay *overlay); /* idempotent */

#endif
