/* A line of OUT/journal.jsonl:
 *
 *     { "image": 0, "name": "U+4E04", "size": [w, h], "input": [w, h], "has_target": true,
 *       "note": null, "files": { "stride2/U+4E04.png": <SHA-256>, ... }, "target": [<metric>...],
 *       "target_profile": [[<power>...], [<frc>...]],
 *       "members": [ { "max_difference": d, "worst": [x, y, side, error], "metrics": [...],
 *                      "profile": [[<power>...], [<frc>...]] }, ...] }
 *
 * Metrics stand in the order of enum metric with all their digits; null is NaN, "inf" infinity.
 * Profiles are the whole numbers of struct profile, a number for each point, of frc up to the last
 * point that has one. */
#ifndef CLI_RUN_JOURNAL_LINE_H
#define CLI_RUN_JOURNAL_LINE_H

#include <pthread.h>

#include "cli/run_journal.h"

/* Appends the line of an image that is done, with its output_count(run) digests. */
void journal_line_put(const struct run *run, int image, const struct digest *digests,
                      struct text *out);

/* Fills in the results of an image from a line, unless it is damaged or the image's files are not
 * as it says. `strings` guards run->arena. */
void journal_line_take(struct run *run, int image, const char *text, size_t length,
                       pthread_mutex_t *strings);

#endif
