/* Plans as the timing document sees them. */
#ifndef CLI_TIMED_H
#define CLI_TIMED_H

#include "cli/session.h"
#include "report/timing.h"

/* The steps of the plan's engine; samples are added later with timing_add. */
void timed_plan(const struct planned *planned, struct timing_plan *out);

/* The conditions under which `all` members are measured in one pass, by `together`, and an empty
 * place in `arena` for every member's variant. `measured` and `machine` are the caller's. */
struct timing timed_start(const struct session *session, const struct planned *all,
                          const struct timing_plan *together, struct arena *arena);

/* `variant` as member number `member` of `planned`, measured by `plan`. Arrays live in `arena`. */
struct timing_variant timed_variant(const struct config_variant *variant,
                                    const struct planned *planned, int member,
                                    const struct timing_plan *plan, struct arena *arena);

#endif
