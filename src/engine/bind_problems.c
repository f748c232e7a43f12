#include "engine/bind_problems.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define SHOWN_MAX 12 /* of each kind */

void bind_problems_add(struct bind_problems *problems, struct bind_problem problem) {
    mem_grow(&problems->items, &problems->capacity, problems->count + 1, sizeof *problems->items);
    problems->items[problems->count++] = problem;
    problems->counts[problem.kind]++;
}

void bind_problems_free(struct bind_problems *problems) {
    mem_free(problems->items);
    *problems = (struct bind_problems){0};
}

static void put_dim(struct text *t, int i, int64_t dim) {
    text_add(t, "%s%" PRId64, i ? ", " : "[", dim);
}

static void put_slot_shape(struct text *t, const struct slot *slot) {
    for (int i = 0; i < slot->rank; i++) put_dim(t, i, slot->dims[i]);
    text_put(t, "]");
}

static void put_tensor_shape(struct text *t, const struct tensor *tensor) {
    for (int i = 0; i < tensor->rank; i++) put_dim(t, i, tensor->dims[i]);
    text_put(t, tensor->rank ? "]" : "[]");
}

static void put_problem(struct text *t, const struct bind_problem *p) {
    switch (p->kind) {
    case PROBLEM_MISSING:
        text_add(t, "missing: %s ", SAFE(p->slot->name));
        put_slot_shape(t, p->slot);
        if (p->expected && strcmp(p->expected, p->slot->name) != 0)
            text_add(t, " (looked for %s)", SAFE(p->expected));
        break;
    case PROBLEM_UNEXPECTED:
        text_add(t, "unexpected: %s ", SAFE(p->tensor->name));
        put_tensor_shape(t, p->tensor);
        break;
    case PROBLEM_SHAPE:
        text_add(t, "shape: %s is ", SAFE(p->slot->name));
        put_slot_shape(t, p->slot);
        text_put(t, " in the config, ");
        put_tensor_shape(t, p->tensor);
        text_add(t, " in the file (%s)", SAFE(p->tensor->name));
        break;
    case PROBLEM_DTYPE:
        text_add(t, "type: %s is of type %s in the file (%s)", SAFE(p->slot->name),
                 dtype_name(p->tensor->dtype), SAFE(p->tensor->name));
        break;
    case PROBLEM_TWICE:
        text_add(t, "twice: %s would read %s, which another weight reads", SAFE(p->slot->name),
                 SAFE(p->tensor->name));
        break;
    case PROBLEM_KINDS:
        break;
    }
}

static void report_kind(const struct bind_problems *problems, enum bind_problem_kind kind,
                        struct err *err) {
    static const char *const words[] = {"missing", "unexpected", "of another shape",
                                        "of another type", "read twice"};
    int shown = 0;
    for (size_t i = 0; i < problems->count && shown < SHOWN_MAX; i++) {
        if (problems->items[i].kind != kind) continue;
        struct text t = {0};
        put_problem(&t, &problems->items[i]);
        err_add(err, STATUS_BAD_INPUT, "  %s", t.s);
        text_free(&t);
        shown++;
    }
    if (problems->counts[kind] > shown)
        err_add(err, STATUS_BAD_INPUT, "  and %d more %s", problems->counts[kind] - shown,
                words[kind]);
}

bool bind_problems_report(const struct bind_problems *problems, const struct checkpoint *checkpoint,
                          const struct config_variant *variant, struct err *err) {
    const int *n = problems->counts;
    err_add(err, STATUS_BAD_INPUT,
            "%s does not fit variant %s: %d missing, %d unexpected, %d of another shape%s",
            SAFE(checkpoint->path), SAFE(variant->name), n[PROBLEM_MISSING], n[PROBLEM_UNEXPECTED],
            n[PROBLEM_SHAPE], n[PROBLEM_DTYPE] || n[PROBLEM_TWICE] ? ", and others" : "");
    for (int kind = 0; kind < PROBLEM_KINDS; kind++)
        report_kind(problems, (enum bind_problem_kind)kind, err);
    bind_problems_causes(problems, checkpoint, variant, err);
    return false;
}
