/* A checkpoint as a list of its tensors, and how they bind to a variant. */
#ifndef REPORT_WEIGHTS_LIST_H
#define REPORT_WEIGHTS_LIST_H

#include "base/text.h"
#include "engine/bind.h"
#include "engine/phases.h"
#include "weights/tensor_stats.h"

/* How the tensors of a file bind to one variant. */
struct weights_binding {
    const char *variant;
    const struct binding *binding; /* NULL: it does not bind, see `problem` */
    const char *problem;           /* one line a problem */
    struct phases *phases;         /* of its upsampling */
    int phases_count;
};

struct weights_list {
    const struct checkpoint *checkpoint;
    const struct tensor_stats *stats; /* one a tensor */
    const struct weights_binding *bindings;
    int binding_count;
};

void weights_list_table(const struct weights_list *list, bool verbose, struct text *out);
void weights_list_json(const struct weights_list *list, struct text *out); /* stridelab.weights/1 */
void weights_list_csv(const struct weights_list *list, struct text *out);

#endif
