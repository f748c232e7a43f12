/* The SHA-256 of an open file, made beside other work: it is serial, and takes longer than reading
 * and checking the tensors on another core. */
#ifndef WEIGHTS_DIGEST_H
#define WEIGHTS_DIGEST_H

#include "base/pool.h"
#include "weights/source.h"

struct digest;

/* Begins; the file stays open until the end. `pool` may be NULL. */
struct digest *digest_begin(const struct source *source, struct pool *pool);
/* Waits, closes the file and frees `digest`. False, and STATUS_IO, when the file could not be read.
 */
bool digest_end(struct digest *digest, char hex[65], struct err *err);
/* The same without a result, at once. NULL is fine. */
void digest_cancel(struct digest *digest);

#endif
