/* A config document changed as `--set` and `--vary` of `init` ask, and printed again. */
#ifndef CONFIG_EDIT_H
#define CONFIG_EDIT_H

#include "base/err.h"
#include "base/text.h"
#include "config/config.h"

/* Applies every PATH=VALUE of `sets` to the document `text`; `blocks.SELECTOR...` changes the
 * blocks that it selects. Then, with `vary` ("PATH=V1,V2,..."), its variants become one for each
 * value, or for each of the product of several. Appends the new document to `out`.
 * STATUS_BAD_INPUT. */
bool edit_config(const char *text, const struct config_override *sets, int set_count,
                 const char *const *vary, int vary_count, struct text *out, struct err *err);

#endif
