#include "cli/contrast.h"

#include <string.h>

static int find_metric(const char *name, const char *where, struct err *err) {
    int metric = metric_find(name);
    if (metric < 0)
        err_add(err, STATUS_BAD_INPUT,
                "%s: no metric is called %s (the columns of metrics.csv are)", where, SAFE(name));
    return metric;
}

bool contrast_configure(struct compare *compare, const char *primary, const char *reference,
                        const struct config_margin *margins, int margin_count, struct err *err) {
    if (primary) {
        int metric = find_metric(primary, "compare.primary", err);
        if (metric >= 0) compare->primary = (enum metric)metric;
    }
    for (int i = 0; i < margin_count; i++) {
        int metric = find_metric(margins[i].metric, "compare.margins", err);
        if (metric >= 0) compare->margins[metric] = margins[i].margin;
    }
    for (int m = 0; reference && m < compare->member_count; m++)
        if (strcmp(compare->members[m].variant, reference) == 0) compare->reference = reference;
    return err->status == STATUS_OK;
}
