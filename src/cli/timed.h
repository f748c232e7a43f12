/* Plans as the timing document sees them. */
#ifndef CLI_TIMED_H
#define CLI_TIMED_H

#include "cli/session.h"
#include "report/timing.h"

/* The steps of the plan's engine; samples are added later with timing_add. */
void timed_plan(const struct planned *planned, struct timing_plan *out);

/* Member `member` of `planned`, measured by `plan`. Arrays live in `arena`. */
struct timing_variant timed_variant(const struct planned *planned, int member,
                                    const struct timing_plan *plan, struct arena *arena);

#endif
